namespace Sconce.Export.Web;

/// <summary>The page's own files, which lie in this assembly.</summary>
internal static class WebAssets
{
    /// <summary>Of the page, beside the network and the runtime.</summary>
    public static IReadOnlyList<string> Page { get; } =
    [
        "index.html", "style.css", "icon.svg", "app.js", "needs.js", "sources.js", "drawing.js", "worker.js", "detector.js", "pixels.js",
        "peaks.js",
    ];

    /// <summary>Writes one into a folder.</summary>
    public static void Write(string name, string folder)
    {
        using var asset = typeof(WebAssets).Assembly.GetManifestResourceStream($"Sconce.Export.Web.{name}")
            ?? throw new InvalidOperationException($"this build of Sconce lacks the page's {name}: build it again");
        using var output = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write);
        asset.CopyTo(output);
    }
}
