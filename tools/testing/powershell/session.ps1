# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: session.ps1 transport|ssh [short|guest]
#
# PowerShell's own client in a session with a real PowerShell: over our transport, or as
# New-PSSession -HostName has it, over hvsim ps --stdio under the name of ssh. Prints TAP.
# In the environment: what common.ps1 says, and POWERSHELL_WORK, an empty directory. With
# "guest", which is slow, a few tests of a session in another machine; POWERSHELL_GUEST is the
# beginning of what uname -a prints there.

param(
	[ValidateSet('transport', 'ssh')][string]$Way = 'transport',
	[ValidateSet('', 'short', 'guest')][string]$Length = ''
)

. "$PSScriptRoot/common.ps1"
$script:TapPrefix = "${Way}: "

# Of a plane other than the first, combined, right to left, and a quote of each kind.
$odd = "Grüße, €, 𝄞, e`u{301}, שלום, 日本 '""``$"

# How long a session takes to be ready is the way's own matter.
function New-Session([string]$Name = 'test')
{
	if ($Way -eq 'ssh') {
		return New-PSSession -HostName hvsim -UserName $env:POWERSHELL_USER -Name $Name
	}
	New-TestSession $Name
}

function Test-User
{
	Test-That "Invoke-Command: as the user, in the user's home" {
		$got = Invoke-Command $session { "$(id -un) $HOME $(Get-Location)" }
		$user = $env:POWERSHELL_USER
		Test-Same $got "$user $env:POWERSHELL_HOME $env:POWERSHELL_HOME"
	}
}

function Test-Objects
{
	Test-That 'Invoke-Command: objects keep their types and properties' {
		$got = Invoke-Command $session {
			[pscustomobject]@{ Number = 1L -shl 40; Date = [datetime]::UnixEpoch; List = 1, 'b'
				Table = @{ Key = $true } }
			Get-Item /
		}
		$got[0].Number -is [long] -and $got[0].Number -eq (1L -shl 40) -and
			$got[0].Date -eq [datetime]::UnixEpoch -and $got[0].List[1] -eq 'b' -and
			$got[0].Table.Key -eq $true -and
			$got[1].PSTypeNames[0] -eq 'Deserialized.System.IO.DirectoryInfo' -and
			$got[1].FullName -eq '/'
	}
	Test-That 'Invoke-Command: arguments, input, and variables of the client' {
		$mine = $odd
		$got = 1..3 | Invoke-Command $session {
			param($a)
			$input | ForEach-Object { $_ * 2 }
			$a
			$using:mine
		} -ArgumentList 'arg'
		Test-Same ($got -join ' ') "2 4 6 arg $odd"
	}
	Test-That 'Invoke-Command: text that is not ASCII, both ways and to a program' {
		$got = Invoke-Command $session { param($t) $t; printf '%s\n' $t } -ArgumentList $odd
		Test-Same ($got -join '|') "$odd|$odd"
	}
}

function Test-Streams
{
	Test-That 'Invoke-Command: an error that does not end it, with all that is in it' {
		$got = Invoke-Command $session {
			Write-Error "oops $using:odd" -ErrorId TheId -Category ResourceBusy -TargetObject 'it'
			'after'
		} -ErrorVariable failed -ErrorAction SilentlyContinue
		"'$got' '$failed' $($failed.FullyQualifiedErrorId) $($failed.CategoryInfo.Category)"
		$got -eq 'after' -and "$failed" -ceq "oops $odd" -and
			$failed.FullyQualifiedErrorId.StartsWith('TheId') -and
			$failed.CategoryInfo.Category -eq 'ResourceBusy'
	}
	Test-That 'Invoke-Command: an error that ends it' {
		Test-Same (Get-Failure { Invoke-Command $session { throw "bad $using:odd"; 'no' } }) "bad $odd"
	}
	Test-That 'Invoke-Command: progress, warnings and information' {
		$shell = [powershell]::Create()
		$shell.Runspace = $session.Runspace
		$null = $shell.AddScript({
			$ProgressPreference = 'Continue'
			1..3 | ForEach-Object { Write-Progress 'At it' "step $_" -PercentComplete ($_ * 30) }
			Write-Warning 'careful'
			Write-Information 'by the way'
		})
		$null = $shell.Invoke()
		$steps = $shell.Streams.Progress | Where-Object Activity -eq 'At it'
		"$($steps.StatusDescription) $($shell.Streams.Warning) $($shell.Streams.Information)"
		@($steps | Where-Object StatusDescription -like 'step *').Count -eq 3 -and
			"$($shell.Streams.Warning)" -eq 'careful' -and
			"$($shell.Streams.Information)" -eq 'by the way'
	}
}

# A file of random bytes, which nothing on the way can make smaller.
function New-RandomFile([string]$Path, [int]$Size)
{
	$bytes = [byte[]]::new($Size)
	[Security.Cryptography.RandomNumberGenerator]::Fill($bytes)
	[IO.File]::WriteAllBytes($Path, $bytes)
}

function Get-Hash([string]$Path)
{
	(Get-FileHash -Algorithm SHA256 -LiteralPath $Path).Hash
}

function Test-Copies([int]$Size)
{
	$from = Join-Path $env:POWERSHELL_WORK 'grüße 日本.bin'
	$back = Join-Path $env:POWERSHELL_WORK 'zurück.bin'
	$there = Invoke-Command $session { Join-Path $HOME 'dort 𝄞.bin' }

	New-RandomFile $from $Size
	Test-That "Copy-Item -ToSession: $Size bytes arrive as they were" {
		Copy-Item -LiteralPath $from -Destination $there -ToSession $session
		$hash = Invoke-Command $session {
			(Get-FileHash -Algorithm SHA256 -LiteralPath $using:there).Hash
		}
		Test-Same $hash (Get-Hash $from)
	}
	Test-That "Copy-Item -FromSession: $Size bytes arrive as they were" {
		Copy-Item -LiteralPath $there -Destination $back -FromSession $session
		Test-Same (Get-Hash $back) (Get-Hash $from)
	}
}

function Test-Folder
{
	$from = Join-Path $env:POWERSHELL_WORK 'folder'

	$null = New-Item -ItemType Directory "$from/sub"
	Set-Content "$from/empty" -NoNewline ''
	Set-Content "$from/sub/a" 'a'
	Test-That 'Copy-Item: a folder with what is in it, and an empty file, there and back' {
		$there = Invoke-Command $session { Join-Path $HOME 'folder' }
		Copy-Item $from -Destination $there -Recurse -ToSession $session
		Copy-Item $there -Destination "$from-back" -Recurse -FromSession $session
		$names = (Get-ChildItem -Recurse -File "$from-back").Name -join ' '
		Test-Same "$names $(Get-Content "$from-back/sub/a")" 'empty a a'
	}
}

function Test-Guest
{
	Test-That 'Invoke-Command { uname -a; $PSVersionTable }: what the guest is' {
		$got = Invoke-Command $session { uname -a; $PSVersionTable }
		$got | Out-String -Stream | ForEach-Object { [Console]::Out.WriteLine("# $_") }
		"got '$got', want '$env:POWERSHELL_GUEST'"
		$got[0].StartsWith($env:POWERSHELL_GUEST) -and
			"$($got[1].PSVersion)" -eq "$($PSVersionTable.PSVersion)"
	}
}

# As Ctrl-C does it.
function Test-Stop
{
	Test-That 'a command that is stopped ends at once, and the session goes on' {
		$shell = [powershell]::Create()
		$shell.Runspace = $session.Runspace
		$null = $shell.AddScript('"begun"; Start-Sleep 60')
		$output = [System.Management.Automation.PSDataCollection[psobject]]::new()
		$run = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]$null,
			$output)
		for ($i = 0; $i -lt 200 -and !$output.Count; $i++) {
			Start-Sleep -Milliseconds 50
		}
		$watch = [Diagnostics.Stopwatch]::StartNew()
		$shell.Stop()
		"'$output' $($shell.InvocationStateInfo.State) $($watch.Elapsed)"
		"$output" -eq 'begun' -and $shell.InvocationStateInfo.State -eq 'Stopped' -and
			$watch.Elapsed.TotalSeconds -lt 10 -and
			(Invoke-Command $session { 'still here' }) -eq 'still here'
	}
}

function Test-Two
{
	$other = New-Session 'other'

	# each waits for what the other one writes: one after the other, they would for ever
	Test-That 'two sessions at once are two processes, which run at a time' {
		$got = Invoke-Command $session, $other {
			$mine = Join-Path $HOME "meet-$PID"
			Set-Content $mine $PID
			for ($i = 0; $i -lt 300 -and @(Get-Item "$HOME/meet-*").Count -lt 2; $i++) {
				Start-Sleep -Milliseconds 100
			}
			@(Get-Item "$HOME/meet-*").Count
			$PID
		}
		"$got"
		@($got -eq 2).Count -eq 2 -and @($got | Sort-Object -Unique).Count -eq 3
	}
	Test-That 'they copy at a time' {
		$file = Join-Path $env:POWERSHELL_WORK 'both.bin'
		New-RandomFile $file 2MB
		$jobs = foreach ($one in $session, $other) {
			$name = $one.Name
			Copy-Item $file -Destination "$env:POWERSHELL_HOME/$name.bin" -ToSession $one
			Invoke-Command $one -AsJob {
				(Get-FileHash -LiteralPath "$HOME/$using:name.bin").Hash
			}
		}
		$hashes = $jobs | Wait-Job | Receive-Job | Sort-Object -Unique
		Test-Same "$hashes" (Get-Hash $file)
	}
	Test-That 'the end of one is not the end of the other' {
		Remove-PSSession $other
		(Invoke-Command $session { 'here' }) -eq 'here' -and $other.State -eq 'Closed'
	}
}

# A process that is gone has no /proc directory; the client looks into the same /proc.
function Test-End
{
	Test-That 'a session that is closed leaves no process' {
		$process = Invoke-Command $session { $PID }
		Remove-PSSession $session
		for ($i = 0; $i -lt 100 -and (Test-Path "/proc/$process/exe"); $i++) {
			Start-Sleep -Milliseconds 100
		}
		"process $process"
		!(Test-Path "/proc/$process")
	}
	Test-That 'a session whose PowerShell exits says so' {
		$last = New-Session 'last'
		$said = Get-Failure { Invoke-Command $last { [Environment]::Exit(3) } }
		"said '$said', state $($last.State)"
		$said.Length -gt 0 -and $last.State -eq 'Broken'
	}
}

if ($Way -eq 'transport' -and !$Length) {
	Test-That 'a wrong password' {
		Test-Same (Get-Failure { New-TestSession -Credential (New-TestCredential -Password 'no') }) `
			'The credential is invalid.'
	}
}
if ($Length -eq 'guest') {
	# what ssh writes to standard error is not in PowerShell's own message
	Test-That 'a wrong password' {
		$right = $env:HVSIM_PS_PASSWORD
		$env:HVSIM_PS_PASSWORD = 'no'
		$said = & ssh 2>&1
		$env:HVSIM_PS_PASSWORD = $right
		"exit status $LASTEXITCODE '$said'"
		$LASTEXITCODE -eq 1 -and "$said" -clike '*The credential is invalid.*'
	}
}
$session = $null
Test-That 'a session opens' {
	$script:session = New-Session
	"state $($session.State)"
	$session.State -eq 'Opened'
}
if (!$session) {
	Complete-Tests
}
Test-User
if ($Length -eq 'guest') {
	Test-Guest
	Test-Copies 1MB
	Complete-Tests
}
Test-Objects
Test-Streams
if ($Length) {
	Test-Copies 1MB
} else {
	Test-Copies 10MB
	Test-Copies 0
	Test-Folder
	Test-Stop
	Test-Two
}
Test-End
Complete-Tests
