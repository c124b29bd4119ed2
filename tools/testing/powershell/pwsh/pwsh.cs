// SPDX-License-Identifier: GPL-2.0-or-later
//
// PowerShell's own program, from its package for other programs: what pwsh itself does.
internal static class Program
{
    private static int Main(string[] arguments)
    {
        return Microsoft.PowerShell.UnmanagedPSEntry.Start(arguments, arguments.Length);
    }
}
