using System.Globalization;
using Sconce.Cli.Output;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary>Writes what a checkpoint holds.</summary>
internal static class CheckpointView
{
    private const int LongestMetadata = 120;
    private const int MostMetadata = 20;
    private const int MostNames = 8;

    public static void Write(Terminal terminal, Checkpoint checkpoint, ModelVariant? network, StateDictReport? report)
    {
        if (report is not null)
        {
            terminal.Write(Columns.Line($"{checkpoint.Path} {(report.IsExact ? "fits" : "does not fit")} {network!.Name}"));
            terminal.Write(Columns.Line(report.ToString()));
            return;
        }

        var table = Columns.Of("tensor", "type", "shape", ">parameters");
        foreach (var tensor in checkpoint.Tensors)
        {
            table.Add(tensor.Name, tensor.StoredType, $"({string.Join(", ", tensor.Shape)})",
                tensor.ElementCount.ToString("N0", CultureInfo.InvariantCulture));
        }

        terminal.Write(table);
        terminal.Write(Columns.Line());
        terminal.Write(Columns.Facts(
        [
            ("file", checkpoint.Path),
            ("format", FormatName(checkpoint.Format)),
            ("tensors", checkpoint.Tensors.Count.ToString("N0", CultureInfo.InvariantCulture)),
            ("parameters", $"{Figures.Count(Elements(checkpoint))}, {Figures.Bytes(Bytes(checkpoint))}"),
            ("state dict at", checkpoint.Wrapper),
            ("also there", string.Join(", ", checkpoint.Wrappers.Where(name => name != checkpoint.Wrapper))),
            ("prefix taken off", checkpoint.StrippedPrefix),
            ("not readable here", Names(checkpoint.Tensors.Where(tensor => !tensor.IsReadable).Select(tensor => tensor.Name))),
            ("skipped, no weights", Names(checkpoint.Skipped.Select(one => $"{one.Name} ({one.ClassName})"))),
            .. Metadata(checkpoint).Take(MostMetadata),
        ]));
        if (checkpoint.Metadata.Count > MostMetadata)
            terminal.Write(Columns.Line($"and {checkpoint.Metadata.Count - MostMetadata} more values (--json has them all)"));
    }

    public static void WriteJson(Terminal terminal, Checkpoint checkpoint, ModelVariant? network, StateDictReport? report) =>
        terminal.WriteJson(
        new CheckpointJson(
            checkpoint.Path, FormatName(checkpoint.Format), checkpoint.Wrapper, checkpoint.Wrappers, checkpoint.StrippedPrefix,
            Elements(checkpoint), Bytes(checkpoint),
            [.. checkpoint.Tensors.Select(tensor => new TensorJson(tensor.Name, tensor.StoredType, tensor.Shape, tensor.ElementCount))],
            checkpoint.Metadata.ToDictionary(entry => entry.Key, entry => Value(entry.Value)),
            [.. checkpoint.Skipped.Select(one => new SkippedJson(one.Name, one.ClassName))],
            report is null ? null : new KeyCheckJson(
                network!.Name, report.IsExact, report.Matched.Count,
                [.. report.Missing.Select(key => new MissingJson(key.Name, key.Shape, key.Nearest))],
                [.. report.Unexpected.Select(key => new UnexpectedJson(key.Name, key.Shape))],
                [.. report.MisShaped.Select(key => new MisShapedJson(key.Name, key.Expected, key.Found))],
                report.Hint)),
        CliJson.Readable.CheckpointJson);

    private static IEnumerable<(string Name, string Value)> Metadata(Checkpoint checkpoint) => checkpoint.Metadata.Select(entry =>
    {
        string value = Value(entry.Value).ReplaceLineEndings(" ");
        return (entry.Key, value.Length > LongestMetadata ? value[..LongestMetadata] + "…" : value);
    });

    private static string Value(object? value) =>
        value is DType dtype ? dtype.TorchName() : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static long Elements(Checkpoint checkpoint) => checkpoint.Tensors.Sum(tensor => tensor.ElementCount);

    private static long Bytes(Checkpoint checkpoint) => checkpoint.Tensors.Sum(tensor => tensor.ByteLength);

    private static string Names(IEnumerable<string> names)
    {
        List<string> all = [.. names];
        return string.Join(", ", all.Take(MostNames)) + (all.Count > MostNames ? $" and {all.Count - MostNames} more" : "");
    }

    private static string FormatName(CheckpointFormat format) => format switch
    {
        CheckpointFormat.PyTorchZip => "PyTorch zip archive",
        CheckpointFormat.PyTorchLegacy => "PyTorch before 1.6",
        CheckpointFormat.TorchScript => "TorchScript archive",
        CheckpointFormat.Pickle => "pickle",
        CheckpointFormat.Safetensors => "safetensors",
        CheckpointFormat.Npy => "NumPy array",
        CheckpointFormat.Npz => "NumPy archive",
        CheckpointFormat.Sharded => "shards, by their index",
        _ => format.ToString(),
    };
}
