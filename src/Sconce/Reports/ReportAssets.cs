using System.Text;

namespace Sconce.Reports;

/// <summary>The style, the script and the plotting library that every report carries inside.</summary>
internal static class ReportAssets
{
    internal static string Style => Read("report.css");

    internal static string Script => Read("report.js");

    internal static string PlotScript => Read("uPlot.iife.min.js");

    internal static string PlotStyle => Read("uPlot.min.css");

    internal static string PlotLicence => Read("uPlot.LICENSE.txt");

    private static string Read(string name)
    {
        string resource = $"Sconce.Reports.{name}";
        using var stream = typeof(ReportAssets).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"this build of Sconce lacks the resource {resource}: build it again");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
