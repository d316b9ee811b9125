using System.Globalization;
using Sconce.Abilities;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Export;
using Sconce.Export.Web;
using Sconce.Networks;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce export RUN --to web</c>: a detector as a folder that a static server serves.</summary>
internal static class PageExport
{
    /// <summary>Writes the folder, and says what it is.</summary>
    /// <param name="context">The command's.</param>
    /// <param name="request">Which network, and where to.</param>
    /// <param name="classes">What its classes are called; null where no weights say so.</param>
    /// <param name="isJson">Whether as JSON.</param>
    public static void Run(CommandContext context, ExportRequest request, IReadOnlyList<string>? classes, bool isJson)
    {
        var variant = request.Variant;
        if (variant.Find<WebDetector>() is not { } detector)
        {
            var known = context.Models.List().Where(name => context.Models.Get(name).Has<WebDetector>());
            throw new UsageException($"--to web writes detectors that a browser decodes ({string.Join(", ", known)}), and "
                + $"{variant.Name} is none; take --to onnx for a page of your own");
        }

        if (request.Size is { IsSquare: false } size)
            throw new UsageException($"--size {size}: a page stretches every picture to a square; name its side");
        var reading = detector.Reading(request.Size?.Height);
        string folder = Folder(request);
        classes ??= Names(request);
        var page = Write(context, request, reading, classes, folder);
        request.NoteUntrained(context.Terminal);
        if (isJson) context.Terminal.WriteJson([Json(request, page, reading)], CliJson.Readable.ExportJsonArray);
        else Say(context.Terminal, page, reading, classes);
    }

    private static WebPage Write(
        CommandContext context, ExportRequest request, CentrePoints reading, IReadOnlyList<string> classes, string folder)
    {
        using var progress = new ProgressDisplay(context.Terminal, request.Variant.Name);
        string runtime = WebRuntime.PullAsync(null, progress, context.Cancellation).GetAwaiter().GetResult();
        using var module = request.Build(progress);
        var function = request.Variant.Exports(module, new PictureSize(reading.Side, reading.Side))[0];
        return WebExport.Write(
            module, function, reading, request.Variant.Name, classes, folder, runtime, progress, context.Cancellation) with
        { Folder = folder };
    }

    /// <summary>The network's own; numbers where it was built for others.</summary>
    private static IReadOnlyList<string> Names(ExportRequest request)
    {
        var own = request.Variant.Get<PictureDetector>().Names;
        int outputs = request.Model.Classes ?? own.Count;
        return outputs == own.Count ? own : [.. Enumerable.Range(1, outputs).Select(number => $"class {number}")];
    }

    private static string Folder(ExportRequest request)
    {
        string folder = request.Output ?? $"{request.Variant.Name}-page";
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (File.Exists(full)) throw new UsageException($"--out {folder} is a file: name a folder");
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            throw new UsageException($"--out: there is no folder '{Path.GetDirectoryName(full)}'");
        if (!WebExport.IsFree(full)) throw new UsageException($"--out {folder} holds other things than a page: name a new folder");
        return folder;
    }

    private static ExportJson Json(ExportRequest request, WebPage page, CentrePoints reading) => new(
        request.Variant.Name, "", request.Format, OnnxExport.Opset, page.Folder, page.Bytes, 1, "", "full", page.Network.Difference,
        request.Weights is not null, [new ExportInputJson("images", [3, reading.Side, reading.Side])], ["heatmap", "size", "offset"]);

    private static void Say(Terminal terminal, WebPage page, CentrePoints reading, IReadOnlyList<string> classes)
    {
        terminal.Write(Columns.Heading(page.Folder));
        terminal.Write(Columns.Facts(
        [
            ("format", $"a page; ONNX, opset {OnnxExport.Opset}, run by ONNX Runtime Web {WebRuntime.Version} on one thread"),
            ("size", $"{Figures.Bytes(page.Bytes)}, the network {Figures.Bytes(page.Network.Bytes)} of them"),
            ("classes", string.Join(", ", classes)),
            ("pictures", $"stretched to {reading.Side} x {reading.Side}"),
            ("difference", string.Create(CultureInfo.InvariantCulture,
                $"{page.Network.Difference:0.0e0} of the answer's rms, of the graph that was written from the network here")),
            ("serve it", $"python3 -m http.server --directory {page.Folder}, or any other server; the webcam asks for https or localhost"),
        ]));
    }
}
