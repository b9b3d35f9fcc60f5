<#
.SYNOPSIS
Installs the tdauth executable on Windows, or replaces it with another version.

.DESCRIPTION
  irm https://github.com/tdauth/tdauth/releases/latest/download/install.ps1 | iex

It downloads one file and its checksum from the GitHub release, verifies it,
runs the program once, and only then moves it into place. It writes nothing
outside the installation directory, except, if you agree, your user PATH. It
needs no administrator.

To pass a parameter through a pipe:

  & ([scriptblock]::Create((irm https://github.com/tdauth/tdauth/releases/latest/download/install.ps1))) -Version 0.1.0

.PARAMETER Version
The release to install, such as 0.1.0. Default: the latest.

.PARAMETER Dir
The directory to install to, or set TDAUTH_INSTALL_DIR. Default: %LOCALAPPDATA%\Programs\tdauth.

.PARAMETER AddToPath
Adds the directory to your PATH without asking.

.PARAMETER Uninstall
Removes the program and its directory from your PATH; settings and tokens stay.
#>
param(
  [string] $Version = '',
  [string] $Dir = '',
  [switch] $AddToPath,
  [switch] $Uninstall
)

# Plain ASCII, and never "exit": Windows PowerShell 5.1 reads a file without a
# byte order mark as ANSI, and through iex an exit would close the user's window.

# Fails unless an address is https; plain http is for tests, and only on this machine.
function Assert-TdauthSource([Uri] $Uri) {
  if ($Uri.IsAbsoluteUri) {
    if ($Uri.Scheme -eq 'https') { return }
    if ($Uri.Scheme -eq 'http' -and $Uri.IsLoopback -and $Uri.UserInfo -eq '') { return }
  }
  throw "Cannot download ${Uri}: it is not an https URL"
}

# Downloads a file. Checks each redirect: Windows PowerShell would follow one to plain http.
function Save-TdauthFile([Uri] $Uri, [string] $Path) {
  Add-Type -AssemblyName System.Net.Http
  $handler = New-Object System.Net.Http.HttpClientHandler
  $handler.AllowAutoRedirect = $false
  if ($PSVersionTable.PSEdition -eq 'Core') { $handler.SslProtocols = [System.Security.Authentication.SslProtocols]::Tls12 }
  $client = New-Object System.Net.Http.HttpClient -ArgumentList $handler
  try {
    $from = $Uri
    for ($hop = 0; $hop -lt 5; $hop++) {
      Assert-TdauthSource $from
      try {
        $response = $client.GetAsync($from, [System.Net.Http.HttpCompletionOption]::ResponseHeadersRead).GetAwaiter().GetResult()
      } catch {
        throw "Cannot download ${Uri}: $($_.Exception.GetBaseException().Message)"
      }
      $status = [int] $response.StatusCode
      if ($status -ge 300 -and $status -lt 400 -and $null -ne $response.Headers.Location) {
        $from = New-Object System.Uri -ArgumentList $from, $response.Headers.Location
        $response.Dispose()
        continue
      }
      if ($status -eq 404) { throw "Cannot download ${Uri}: there is no such release or file" }
      if ($status -ne 200) { throw "Cannot download ${Uri}: the server returned $status" }
      $file = [System.IO.File]::Create($Path)
      try {
        $done = $response.Content.CopyToAsync($file).Wait([TimeSpan]::FromMinutes(30))
      } catch {
        throw "Cannot download ${Uri}: $($_.Exception.GetBaseException().Message)"
      } finally {
        $file.Dispose()
        $response.Dispose()
      }
      if (-not $done) { throw "Cannot download ${Uri}: timed out after 30 minutes" }
      return
    }
    throw "Cannot download ${Uri}: too many redirects"
  } finally {
    $client.Dispose()
  }
}

# Returns the entries of your PATH as stored, with their %VARIABLES%.
function Get-TdauthPathEntries {
  $stored = (Get-Item -LiteralPath 'HKCU:\Environment').GetValue('Path', '', 'DoNotExpandEnvironmentNames')
  return @("$stored".Split(';') | Where-Object { $_ -ne '' })
}

function Set-TdauthPathEntries([string[]] $Entries) {
  Set-ItemProperty -LiteralPath 'HKCU:\Environment' -Name 'Path' -Value ($Entries -join ';') -Type ExpandString
  # Removing a missing variable notifies open programs that the environment has changed.
  [Environment]::SetEnvironmentVariable('TDAUTH_NO_SUCH_VARIABLE', [NullString]::Value, 'User')
}

function Test-TdauthSamePath([string] $Entry, [string] $Directory) {
  return [Environment]::ExpandEnvironmentVariables($Entry).TrimEnd('\') -eq $Directory.TrimEnd('\')
}

function Add-TdauthToPath([string] $Directory, [bool] $Agreed) {
  foreach ($entry in "$env:Path".Split(';')) {
    if (Test-TdauthSamePath $entry $Directory) { return }
  }
  $entries = @(Get-TdauthPathEntries)
  $stored = @($entries | Where-Object { Test-TdauthSamePath $_ $Directory }).Count -gt 0
  if (-not $stored) {
    if (-not $Agreed) {
      try {
        if ([Environment]::UserInteractive -and -not [Console]::IsInputRedirected) {
          $Agreed = $Host.UI.PromptForChoice('', "Add $Directory to your PATH, so that you can run it as tdauth?", @('&Yes', '&No'), 0) -eq 0
        }
      } catch {
        $Agreed = $false # no user to ask
      }
    }
    if (-not $Agreed) {
      Write-Host "$Directory is not on your PATH. To run it as tdauth, run this script with -AddToPath, or run"
      Write-Host "  & '$($Directory.Replace("'", "''"))\tdauth.exe'"
      return
    }
    Set-TdauthPathEntries ($entries + $Directory)
    Write-Host "Added to your PATH: $Directory"
  }
  $env:Path = "$env:Path;$Directory"
}

function Install-Tdauth([string] $Version, [string] $Directory, [bool] $Agreed) {
  $asset = 'tdauth-windows-x64.exe'
  $machine = $env:PROCESSOR_ARCHITECTURE
  if ($env:PROCESSOR_ARCHITEW6432) { $machine = $env:PROCESSOR_ARCHITEW6432 }
  if ($machine -eq 'ARM64') {
    if ([Environment]::OSVersion.Version.Build -lt 22000) {
      throw 'Cannot install: Windows 10 on ARM does not run x64 programs. Use Deno instead: deno install -gA --name tdauth jsr:@tdauth/tdauth/cli'
    }
  } elseif ($machine -ne 'AMD64') {
    throw "Cannot install on ${machine}: there is no executable for it"
  }
  if ($Version -ne '' -and $Version -notmatch '^[0-9][0-9A-Za-z.+-]*$') {
    throw "$Version is not a version; use one like 0.1.0"
  }
  $base = 'https://github.com/tdauth/tdauth/releases'
  if ($env:TDAUTH_RELEASES) { $base = $env:TDAUTH_RELEASES.TrimEnd('/') }
  $path = 'latest/download'
  if ($Version -ne '') { $path = "download/v$Version" }

  $target = Join-Path $Directory 'tdauth.exe'
  [void] [System.IO.Directory]::CreateDirectory($Directory)
  # Beside the target, so that the last step is a rename.
  $work = Join-Path $Directory ('.tdauth-' + [System.IO.Path]::GetRandomFileName())
  [void] [System.IO.Directory]::CreateDirectory($work)
  try {
    $shown = '(latest)'
    if ($Version -ne '') { $shown = $Version }
    Write-Host "Downloading $asset $shown ..."
    $sums = Join-Path $work 'SHA256SUMS'
    Save-TdauthFile "$base/$path/SHA256SUMS" $sums
    $expected = ''
    foreach ($line in [System.IO.File]::ReadAllLines($sums)) {
      if ($line -match '^([0-9a-fA-F]{64}) [ *](.+)$' -and $Matches[2] -ceq $asset) { $expected = $Matches[1] }
    }
    if ($expected -eq '') { throw "Cannot install: the release has no $asset" }
    $new = Join-Path $work $asset
    Save-TdauthFile "$base/$path/$asset" $new
    $actual = (Get-FileHash -LiteralPath $new -Algorithm SHA256).Hash
    if ($actual -ne $expected) {
      throw "Cannot install: the checksum does not match (SHA-256 is $actual, expected $expected). Nothing was changed"
    }
    # A program that does not start here must not replace one that does.
    $installed = @(& $new --version)
    if ($LASTEXITCODE -ne 0) { throw 'Cannot install: the program does not start on this system. Nothing was changed' }

    # Windows does not let a running program be overwritten, but renamed.
    $old = ''
    if (Test-Path -LiteralPath $target) {
      $old = Join-Path $Directory ('tdauth.exe.old-' + [System.IO.Path]::GetRandomFileName())
      [System.IO.File]::Move($target, $old)
    }
    try {
      [System.IO.File]::Move($new, $target)
    } catch {
      if ($old -ne '') { [System.IO.File]::Move($old, $target) }
      throw
    }
  } finally {
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
    # One that still runs stays until the next installation.
    Get-ChildItem -LiteralPath $Directory -Filter 'tdauth.exe.old-*' | Remove-Item -Force -ErrorAction SilentlyContinue
    # A failed first installation leaves no empty directory.
    if (@(Get-ChildItem -LiteralPath $Directory -Force).Count -eq 0) { Remove-Item -LiteralPath $Directory -ErrorAction SilentlyContinue }
  }
  Write-Host "$($installed[0]) is installed: $target"
  Add-TdauthToPath $Directory $Agreed
}

function Uninstall-Tdauth([string] $Directory) {
  $target = Join-Path $Directory 'tdauth.exe'
  if (-not (Test-Path -LiteralPath $target -PathType Leaf)) {
    throw "Cannot uninstall: there is no $target; set its directory with -Dir"
  }
  try {
    [System.IO.File]::Delete($target)
  } catch {
    throw "Cannot remove ${target}: is it running? $($_.Exception.GetBaseException().Message)"
  }
  Write-Host "Removed $target"
  # Left behind by an update while the program was running.
  Get-ChildItem -LiteralPath $Directory -Force |
    Where-Object { $_.Name -like 'tdauth.exe.old-*' -or $_.Name -like '.tdauth-*' } |
    Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
  # If other programs are in that directory, it stays on the PATH.
  if (@(Get-ChildItem -LiteralPath $Directory -Force).Count -eq 0) {
    [System.IO.Directory]::Delete($Directory)
    $entries = @(Get-TdauthPathEntries)
    $others = @($entries | Where-Object { -not (Test-TdauthSamePath $_ $Directory) })
    if ($others.Count -lt $entries.Count) { Set-TdauthPathEntries $others }
  }
  $config = "$env:APPDATA\tdauth"
  if ($env:TD_CONFIG_DIR) { $config = $env:TD_CONFIG_DIR }
  if (Test-Path -LiteralPath $config) {
    Write-Host "Your settings and tokens stay: $config"
    Write-Host 'Tokens stay valid until they expire, unless "tdauth logout" has revoked them.'
  }
}

function Invoke-TdauthInstaller([string] $Version, [string] $Dir, [bool] $Agreed, [bool] $Uninstall) {
  $ErrorActionPreference = 'Stop'
  if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
    throw 'Cannot install here: this script is for Windows. Use install.sh'
  }
  if ($Dir -eq '') { $Dir = "$env:TDAUTH_INSTALL_DIR" }
  if ($Dir -eq '') { $Dir = Join-Path ([Environment]::GetFolderPath('LocalApplicationData')) 'Programs\tdauth' }
  $Dir = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Dir)
  if ($Uninstall) {
    Uninstall-Tdauth $Dir
    return
  }
  $protocols = [System.Net.ServicePointManager]::SecurityProtocol
  # Windows PowerShell may offer old protocols otherwise; the session's setting is restored.
  [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.SecurityProtocolType]::Tls12
  try {
    Install-Tdauth ($Version -replace '^v', '') $Dir $Agreed
  } finally {
    [System.Net.ServicePointManager]::SecurityProtocol = $protocols
  }
}

Invoke-TdauthInstaller $Version $Dir $AddToPath.IsPresent $Uninstall.IsPresent
