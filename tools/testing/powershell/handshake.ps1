# SPDX-License-Identifier: GPL-2.0-or-later
#
# Microsoft's own handshakes: its client's against the daemon and against canned answers,
# and its server's half against hvsim ps. Prints TAP.
#
# In the environment besides what common.ps1 says: POWERSHELL_LEGACY_SOCKETS, of a daemon
# that speaks V1, too; POWERSHELL_OLDEST_SOCKETS, of one that speaks nothing else;
# POWERSHELL_WORK, an empty directory; HVSIM, the program.

. "$PSScriptRoot/common.ps1"

$invalid = 'The credential is invalid.'

function New-NetworkCredential([string]$Password = $env:POWERSHELL_PASSWORD,
	[string]$User = $env:POWERSHELL_USER, [string]$Domain = '')
{
	[Net.NetworkCredential]::new($User, $Password, $Domain)
}

# The broker's answer: a token, 'V1' or 'old'.
function Invoke-Broker([string]$Directory, [Net.NetworkCredential]$Credential, [switch]$Legacy,
	[string]$Configuration)
{
	$socket = [HypervIcs.Dial]::Service($Directory, 'broker')
	try {
		$accepted = $false
		$token = [HypervIcs.Handshake]::Broker($socket, $Credential, $Configuration, $Legacy,
			[ref]$accepted)
		$accepted ? ($token ? $token : 'V1') : 'old'
	} finally {
		$socket.Dispose()
	}
}

function Invoke-Server([string]$Token)
{
	$socket = [HypervIcs.Dial]::Service($env:POWERSHELL_SOCKETS, 'server')
	try {
		[HypervIcs.Handshake]::Server($socket, $Token)
	} finally {
		$socket.Dispose()
	}
}

function Test-Daemon
{
	$new = $env:POWERSHELL_SOCKETS
	$old = $env:POWERSHELL_LEGACY_SOCKETS

	Test-That 'V2, the right password: a token of 44 characters' {
		Test-Same (Invoke-Broker $new (New-NetworkCredential)).Length 44
	}
	Test-That 'V2, a wrong password' {
		Test-Same (Get-Failure { Invoke-Broker $new (New-NetworkCredential 'wrong') }) $invalid
	}
	Test-That 'V2, an empty password' {
		Test-Same (Get-Failure { Invoke-Broker $new (New-NetworkCredential '') }) $invalid
	}
	Test-That 'V2, an unknown user' {
		Test-Same (Get-Failure {
			Invoke-Broker $new (New-NetworkCredential -User 'nobody-of-that-name')
		}) $invalid
	}
	Test-That 'V2, an unknown domain' {
		Test-Same (Get-Failure {
			Invoke-Broker $new (New-NetworkCredential -Domain 'ELSEWHERE')
		}) $invalid
	}
	Test-That 'V2, an unknown configuration: text instead of a token' {
		$said = Get-Failure { Invoke-Broker $new (New-NetworkCredential) -Configuration 'none' }
		"got '$said'"
		$said -clike 'Hyper-V Broker sent an invalid Token *none* response during the *'
	}
	Test-That 'V2, the token opens a session' {
		$token = Invoke-Broker $new (New-NetworkCredential)
		Test-Same (Get-Failure { Invoke-Server $token }) ''
	}
	Test-That 'V2, the same token a second time' {
		$token = Invoke-Broker $new (New-NetworkCredential)
		Invoke-Server $token
		Test-Same (Get-Failure { Invoke-Server $token }) $invalid
	}
	Test-That 'V2, a token that nobody got' {
		Test-Same (Get-Failure { Invoke-Server ([Convert]::ToBase64String([byte[]](1..32))) }) $invalid
	}
	Test-That 'V1 is refused unless it is configured' {
		Test-Same (Get-Failure { Invoke-Broker $new (New-NetworkCredential) -Legacy }) $invalid
	}
	Test-That 'V1 where it is configured, the right password' {
		Test-Same (Invoke-Broker $old (New-NetworkCredential) -Legacy) 'V1'
	}
	Test-That 'V1 where it is configured, a wrong password' {
		Test-Same (Get-Failure {
			Invoke-Broker $old (New-NetworkCredential 'wrong') -Legacy
		}) $invalid
	}
	Test-That 'V2 of a daemon that speaks V1 only: an old guest' {
		Test-Same (Invoke-Broker $env:POWERSHELL_OLDEST_SOCKETS (New-NetworkCredential)) 'old'
	}
	Test-That 'V2 where V1 is configured, too' {
		Test-Same (Invoke-Broker $old (New-NetworkCredential)).Length 44
	}
}

# A socket whose other end gives these answers, and the fields that end got.
function Start-Canned([string[]]$Answers)
{
	$path = Join-Path $env:POWERSHELL_WORK "canned-$([guid]::NewGuid().ToString('N').Substring(0, 8))"
	$listener = [Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
	$listener.Bind([Net.Sockets.UnixDomainSocketEndPoint]::new($path))
	$listener.Listen(1)
	$client = [HypervIcs.Dial]::Open($path)
	$peer = $listener.Accept()
	$listener.Dispose()
	$shell = [powershell]::Create().AddScript({
		param($peer, $answers)
		$bytes = [byte[]]::new(2048)
		$fields = @()
		while ($len = $peer.Receive($bytes)) {
			$utf16 = $len -gt 1 -and !$bytes[1]
			$fields += $utf16 ? 'u:' + [Text.Encoding]::Unicode.GetString($bytes, 0, $len) :
				[Text.Encoding]::ASCII.GetString($bytes, 0, $len)
			if (!$answers) {
				continue
			}
			$answer, $answers = $answers
			if ($answer -eq '-') {
				break
			}
			$null = $peer.Send([Text.Encoding]::ASCII.GetBytes($answer))
		}
		$peer.Dispose()
		$fields -join '|'
	}).AddArgument($peer).AddArgument($Answers)
	@{ Client = $client; Shell = $shell; Run = $shell.BeginInvoke() }
}

# What tools/testing/unit/hvsim_psdirect_test.c expects of our client, asked of Microsoft's.
$canned = @(
	@('V2', 'VERSION_2 PASS PASS PASS PASS CONF TOKEN_abc',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p|EMPTYCF|PASS', ''),
	@('V2 without configurations', 'VERSION_2 PASS PASS PASS PASS PASS TOKEN_abc',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p|PASS|PASS', ''),
	@('V2, refused', 'VERSION_2 PASS PASS PASS PASS FAIL',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p|FAIL', $invalid),
	@('V2, nonsense', 'VERSION_2 PASS PASS PASS PASS OTHER',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p',
	  'Hyper-V Broker sent an invalid Credential response during the connection negotiation.'),
	@('V2, text for a token', 'VERSION_2 PASS PASS PASS PASS CONF no_pwsh_here',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p|EMPTYCF',
	  'Hyper-V Broker sent an invalid Token no pwsh here response during the connection negotiation.'),
	@('V2, closed at the token', 'VERSION_2 PASS PASS PASS PASS CONF -',
	  'VERSION|VERSION_2|u:d|u:u|NONEMPTYPW|u:p|EMPTYCF',
	  'Hyper-V Broker sent an invalid Token  response during the connection negotiation.'),
	@('the probe of an old guest', 'PASS PASS FAIL',
	  'VERSION|u:?<PSDirectVMLegacy>|EMPTYPW|FAIL', ''),
	@('V1', 'PASS PASS PASS CONF', 'u:d|u:u|NONEMPTYPW|u:p|EMPTYCF', ''),
	@('V1, refused', 'PASS PASS PASS FAIL', 'u:d|u:u|NONEMPTYPW|u:p|FAIL', $invalid)
)

function Test-Canned
{
	foreach ($one in $canned) {
		$case, $answers, $fields, $message = $one
		Test-That "its client, canned answers: $case" {
			$peer = Start-Canned ($answers -split ' ' -replace '_(?!2)', ' ')
			$said = Get-Failure {
				$accepted = $false
				[HypervIcs.Handshake]::Broker($peer.Client,
					[Net.NetworkCredential]::new('u', 'p', 'd'), $null,
					$case.StartsWith('V1'), [ref]$accepted)
			}
			$peer.Client.Dispose()
			$got = $peer.Shell.EndInvoke($peer.Run)
			"error '$said', fields '$got'"
			$said -ceq $message -and "$got" -ceq $fields
		}
	}
}

# A guest for hvsim ps: a broker that gives a token, and Microsoft's server's half.
function Start-Guest([string]$Given, [string]$Wanted, [datetimeoffset]$Created)
{
	$directory = Join-Path $env:POWERSHELL_WORK ([guid]::NewGuid().ToString('N').Substring(0, 8))
	$null = New-Item -ItemType Directory $directory
	$listeners = foreach ($name in 'broker', 'server') {
		$listener = [Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
		$listener.Bind([Net.Sockets.UnixDomainSocketEndPoint]::new("$directory/$name.sock"))
		$listener.Listen(1)
		$listener
	}
	$shell = [powershell]::Create().AddScript({
		param($broker, $server, $given, $wanted, $created)
		$peer = $broker.Accept()
		$bytes = [byte[]]::new(2048)
		foreach ($answer in 'VERSION_2', 'PASS', 'PASS', 'PASS', 'PASS', 'CONF', "TOKEN $given") {
			$null = $peer.Receive($bytes)
			$null = $peer.Send([Text.Encoding]::ASCII.GetBytes($answer))
		}
		$null = $peer.Receive($bytes)
		$peer.Dispose()
		$peer = $server.Accept()
		try {
			[HypervIcs.Handshake]::Validate($peer, $wanted, $created, 10)
			# the client speaks first: what came at once would be part of the answer
			$null = $peer.Receive($bytes)
			$null = $peer.Send([Text.Encoding]::ASCII.GetBytes("__HyperVSocketError__:hello`n"))
			'valid'
		} catch {
			$_.Exception.InnerException.Message
		}
		$peer.Dispose()
	}).AddArgument($listeners[0]).AddArgument($listeners[1]).AddArgument($Given).
		AddArgument($Wanted).AddArgument($Created)
	@{ Directory = $directory; Shell = $shell; Run = $shell.BeginInvoke() }
}

# What hvsim ps says and how it ends, and what the guest thought of its token.
function Invoke-Hvsim([string]$Given, [string]$Wanted, [datetimeoffset]$Created)
{
	$guest = Start-Guest $Given $Wanted $Created
	$env:HVSIM_PS_PASSWORD = 'p'
	$PSNativeCommandUseErrorActionPreference = $false
	$said = 'first' | & $env:HVSIM ps --sockets $guest.Directory --user u --stdio 2>&1
	"$LASTEXITCODE '$said' $($guest.Shell.EndInvoke($guest.Run))"
}

function Test-Hvsim
{
	$token = [Convert]::ToBase64String([byte[]](1..32))
	$other = [Convert]::ToBase64String([byte[]](2..33))
	$refused = "1 'hvsim ps: $invalid (The step: the session's answer to the token.)'"

	Test-That "hvsim ps, its server's half: the token is valid, and the session begins" {
		Test-Same (Invoke-Hvsim $token $token ([datetimeoffset]::UtcNow)) `
			"0 '__NamedPipeError__:hello' valid"
	}
	Test-That "hvsim ps, its server's half: a wrong token" {
		$got = Invoke-Hvsim $other $token ([datetimeoffset]::UtcNow)
		$got
		$got.StartsWith($refused)
	}
	# it says nothing at all then
	Test-That "hvsim ps, its server's half: an old token" {
		Test-Same (Invoke-Hvsim $token $token ([datetimeoffset]::UtcNow.AddMinutes(-11))) `
			("1 'hvsim ps: The guest has closed the connection. " +
			 "(The step: the session's version.)' $invalid")
	}
}

Test-Canned
Test-Hvsim
Test-Daemon
Complete-Tests
