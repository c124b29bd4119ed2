# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests with a real PowerShell share: TAP, and sessions over our transport.
# In the environment: POWERSHELL_SOCKETS, the directory of the daemon's test sockets, or of
# a machine; POWERSHELL_USER and POWERSHELL_PASSWORD, who logs in.

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$script:TapRun = 0
$script:TapFailed = 0
# stands before each name
$script:TapPrefix = ''

# A test that passes if the block returns true; what it throws is shown.
function Test-That([string]$Name, [scriptblock]$Block)
{
	$script:TapRun++
	$said = @()
	try {
		$said = @(& $Block)
		$good = $said.Count -and $said[-1] -is [bool] -and $said[-1]
	} catch {
		$said = @($_, $_.ScriptStackTrace)
		$good = $false
	}
	if (!$good) {
		$script:TapFailed++
	}
	[Console]::Out.WriteLine("$($good ? '' : 'not ')ok $script:TapRun - $script:TapPrefix$Name")
	if (!$good) {
		($said | Out-String) -split "`n" | ForEach-Object { [Console]::Out.WriteLine("# $_") }
	}
}

# Whether two values are the same; says so if not.
function Test-Same($Got, $Want)
{
	if ($Got -ceq $Want) {
		return $true
	}
	"got '$Got', want '$Want'"
	$false
}

# The message of what the block throws; '' when it throws nothing.
function Get-Failure([scriptblock]$Block)
{
	try {
		$null = & $Block
		''
	} catch {
		$at = $_.Exception
		while ($at.InnerException) {
			$at = $at.InnerException
		}
		$at.Message
	}
}

function Complete-Tests
{
	[Console]::Out.WriteLine("1..$script:TapRun")
	exit ($script:TapFailed -or !$script:TapRun ? 1 : 0)
}

function New-TestCredential([string]$User = $env:POWERSHELL_USER,
	[string]$Password = $env:POWERSHELL_PASSWORD)
{
	$secure = [securestring]::new()
	$Password.ToCharArray() | ForEach-Object { $secure.AppendChar($_) }
	[pscredential]::new($User, $secure)
}

# A PSSession over our transport, as New-PSSession -VMName makes one on a Windows host.
function New-TestSession([string]$Name = 'test', [switch]$Legacy,
	[pscredential]$Credential = (New-TestCredential))
{
	$info = [HypervIcs.ConnectionInfo]::new($env:POWERSHELL_SOCKETS, $Credential, $Legacy)
	$types = [System.Management.Automation.Runspaces.TypeTable]::LoadDefaultTypeFiles()
	$runspace = [runspacefactory]::CreateRunspace($info, $Host, $types, $null, $Name)
	$runspace.Open()
	[System.Management.Automation.Runspaces.PSSession]::Create($runspace, $Name, $null)
}

# the compiler takes minutes in an emulated machine, and there is no need of it there
if (!$env:POWERSHELL_GUEST) {
	Add-Type -Path "$PSScriptRoot/transport.cs"
}
