using System.Text.Json;
using Sconce.Nn;

namespace Sconce.Export.Web;

/// <summary>A page that was written.</summary>
/// <param name="Folder">Which a server serves.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="Network">The network in it.</param>
public sealed record WebPage(string Folder, long Bytes, ExportResult Network);

/// <summary>
/// Writes a detector as a page that finds objects in pictures, clips and the webcam, in the browser itself: a folder for any static
/// server, which asks no other machine for anything. The boxes are those of C#.
/// </summary>
public static class WebExport
{
    private const string Network = "network.onnx", Card = "network.json", First = "index.html";

    /// <summary>Whether a page may be written there: nothing is there yet, or an earlier page.</summary>
    public static bool IsFree(string folder) => !Path.Exists(folder) || (Directory.Exists(folder)
        && (!Directory.EnumerateFileSystemEntries(folder).Any()
            || (File.Exists(Path.Combine(folder, Card)) && File.Exists(Path.Combine(folder, First)))));

    /// <summary>Writes the folder; an earlier page there is replaced.</summary>
    /// <param name="network">The network, in evaluation; it is left as it was.</param>
    /// <param name="function">Of pictures <c>(N, 3, side, side)</c>, whose answers <paramref name="reading"/> describes.</param>
    /// <param name="reading">How it is asked.</param>
    /// <param name="name">The network's, which the page says.</param>
    /// <param name="classes">What its classes are called.</param>
    /// <param name="folder">Where to; the folder around it must be there.</param>
    /// <param name="runtime">The archive that <see cref="WebRuntime.PullAsync"/> gave.</param>
    /// <param name="progress">What is being done.</param>
    /// <param name="cancellation">What was there stays then.</param>
    /// <exception cref="ExportException">The network cannot be exported, or something else lies in the folder.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static WebPage Write(
        Module network, ExportFunction function, CentrePoints reading, string name, IReadOnlyList<string> classes, string folder,
        string runtime, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!IsFree(folder)) throw new ExportException($"{folder} holds other things than a page: name a new folder");
        string beside = $"{folder}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(beside);
            foreach (string asset in WebAssets.Page) WebAssets.Write(asset, beside);
            string path = Path.Combine(beside, Network), engine = Path.Combine(beside, "runtime");
            var written = OnnxExport.Write(network, function, path, new ExportOptions { Batch = 1 }, progress, cancellation);
            progress?.Report(new WorkProgress("unpacking", 0, 0));
            WebRuntime.Unpack(runtime, engine, cancellation);
            long program = new FileInfo(Path.Combine(engine, WebRuntime.Program)).Length;
            using (var card = new FileStream(Path.Combine(beside, Card), FileMode.CreateNew))
                Describe(card, function, reading, name, classes, written.Bytes, program);
            long bytes = Directory.EnumerateFiles(beside, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
            cancellation.ThrowIfCancellationRequested();
            Place(beside, folder);
            return new WebPage(folder, bytes, written with { Path = Path.Combine(folder, Network) });
        }
        finally
        {
            if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
        }
    }

    private static void Place(string beside, string folder)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(beside, folder);
            return;
        }

        foreach (string file in Directory.EnumerateFiles(beside, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(folder, Path.GetRelativePath(beside, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(file, target, overwrite: true);
        }
    }

    private static void Describe(
        Stream stream, ExportFunction function, CentrePoints reading, string name, IReadOnlyList<string> classes, long bytes, long program)
    {
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("network", name);
        Array("classes", classes, writer.WriteStringValue);
        writer.WriteNumber("side", reading.Side);
        Array("mean", reading.Means, writer.WriteNumberValue);
        Array("std", reading.Deviations, writer.WriteNumberValue);
        writer.WriteNumber("stride", reading.Stride);
        writer.WriteNumber("most", reading.Most);
        writer.WriteNumber("threshold", reading.Threshold);
        writer.WriteString("input", function.Inputs[0].Name);
        Array("outputs", function.Outputs, writer.WriteStringValue);
        writer.WriteNumber("bytes", bytes);
        writer.WriteNumber("runtimeBytes", program);
        writer.WriteString("runtime", $"ONNX Runtime Web {WebRuntime.Version}");
        writer.WriteEndObject();

        void Array<T>(string called, IEnumerable<T> values, Action<T> write)
        {
            writer.WriteStartArray(called);
            foreach (var value in values) write(value);
            writer.WriteEndArray();
        }
    }
}
