# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: pwsh -NoExit -File enter.ps1 transport|ssh
#
# What a person types to be in a session, for terminal.exp.

param([string]$Way)

# it asks the terminal where its cursor is, which a test's terminal does not know
Remove-Module PSReadLine -ErrorAction Ignore
. "$PSScriptRoot/common.ps1"
if ($Way -eq 'ssh') {
	Enter-PSSession -HostName hvsim -UserName $env:POWERSHELL_USER
} else {
	Enter-PSSession -Session (New-TestSession)
}
