namespace Sconce.Data.Downloads;

/// <summary>Where what was downloaded is kept: <c>SCONCE_CACHE</c>, or the user's cache folder as XDG's base directories name it.</summary>
public static class CacheFolder
{
    /// <summary>The variable that names another folder.</summary>
    public const string Variable = "SCONCE_CACHE";

    /// <summary>The folder. It need not exist yet.</summary>
    /// <exception cref="DirectoryNotFoundException">No variable names one, and this user has no home.</exception>
    public static string Path
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } own) return System.IO.Path.GetFullPath(own);

            // XDG: a relative path there is to be ignored.
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && System.IO.Path.IsPathRooted(cache))
                return System.IO.Path.Combine(cache, "sconce");
            // Not verified: a home that is not there yet would be answered with an empty name, and the cache lie in whatever folder is the
            // current one.
            var users = OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData
                : Environment.SpecialFolder.UserProfile;
            string home = Environment.GetFolderPath(users, Environment.SpecialFolderOption.DoNotVerify);
            if (!System.IO.Path.IsPathFullyQualified(home))
                throw new DirectoryNotFoundException($"there is no home folder to keep downloads in: set {Variable} to a folder for them");
            return OperatingSystem.IsWindows() ? System.IO.Path.Combine(home, "sconce", "cache")
                : System.IO.Path.Combine(home, ".cache", "sconce");
        }
    }

    /// <summary>A folder inside it, such as <c>weights</c> or <c>data</c>.</summary>
    public static string Of(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);
}
