using System.CommandLine;
using System.Globalization;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Cli.Verbs;
using Sconce.Compilation;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce export NETWORK --to onnx</c>: a network as a file for other runtimes, or a detector as a page.</summary>
internal static class ExportCommand
{
    private const string Onnx = "onnx", TorchScript = "torchscript", Web = "web", Any = "any";

    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network")
        { Description = "Such as resnest50 ('sconce list --models' names them all), or a run's folder" };
        name.CompletionSources.Add(_ => context.Models.List());
        var to = new Option<string>("--to")
        { Description = "onnx, torchscript, or web: a page that detects in the browser", HelpName = "FORMAT", Required = true };
        to.CompletionSources.Add(Onnx, TorchScript, Web);
        var weights = new Option<string?>("--weights")
        {
            Description = $"The checkpoint, or '{WeightsChoice.Official}' (a run's best); without it the network is untrained",
            HelpName = "FILE",
        };
        var output = new Option<string?>("--out")
        {
            Description = "The file (NETWORK.onnx or NETWORK.pt here), or the page's folder (NETWORK-page); networks with several "
                + "functions put each one's name before the ending",
            HelpName = "FILE"
        };
        var batch = new Option<string?>("--batch") { Description = "Examples in a batch: a number, or any (the default)", HelpName = "N" };
        var precision = new Option<string?>("--precision")
        { Description = "full (the default), or bfloat16 (torchscript only)", HelpName = "KIND" };
        precision.CompletionSources.Add("full", "bfloat16");
        var classes = Shared.Number("--classes", "Outputs, where the weights are not of the official number", least: 1);
        var size = new Option<string?>("--size")
        {
            Description = "The pictures' size in pixels, where it is not the official one: "
            + "HEIGHTxWIDTH, or a side of square ones, for which the network is then built",
            HelpName = "HxW"
        };
        var json = Shared.Json();
        var naming = new WeightsNaming();
        var command = new TeachingCommand("export",
            "Write a network for other runtimes: ONNX, TorchScript for PyTorch, or a page for browsers. What is written is held against "
            + "the network first.")
        {
            Examples =
            [
                ("sconce export run1 --to onnx", "what you trained, with its classes and its size"),
                ("sconce export run7 --to web --out page/", "a detector as a page: any static server serves it, nothing is uploaded"),
                ("sconce export resnest50 --to onnx --weights resnest50-528c19ca.pth", "resnest50.onnx, for a batch of any size"),
                ($"sconce export vit_base_patch16_224 --to torchscript --weights {WeightsChoice.Official} --out vit.pt",
                    "downloads the weights; Python reads the file with torch.jit.load"),
                ("sconce export ViT-B/32 --to onnx --weights ViT-B-32.pt", "CLIP's two towers, each in a file of its own"),
                ("sconce export detr_resnet50 --to onnx --weights detr-r50-e632da11.pth --size 800x1066",
                    "for pictures of one size, height first"),
                ("sconce export resnest50 --to torchscript --weights own.pth --precision bfloat16 --batch 8",
                    "a network of your own, smaller and faster"),
            ],
        };
        command.Add(name);
        foreach (var option in new Option[] { to, weights, output, batch, precision, classes, size,
            json }.Concat(naming.All)) command.Add(option);
        command.SetAction(parsed =>
        {
            string asked = parsed.GetRequiredValue(name);
            var (target, variant) = TrainedNetworks.Target(context, asked);
            var run = target.Run;
            var answers = variant.Find<IHasClasses>();
            // A network without weights is written as it begins, untrained.
            string? checkpoint = parsed.GetValue(weights) is { } typed ? new WeightsChoice(context).Of(typed, target, variant) : null;
            checkpoint ??= run is null ? null : TrainedNetworks.BestOf(asked);
            using var named = naming.For(parsed, checkpoint);
            (IReadOnlyList<string>? Classes, int? ImageSize) known = checkpoint is null ? (null, null) : run is null
                ? CheckpointClasses.Read(checkpoint, answers?.Head ?? "") : (run.Classes, run.Size);
            PictureSize? pictures = parsed.GetValue(size) is { } sized ? Size(sized)
                : known.ImageSize is { } side && side != variant.Get<TensorInput>().Shape[^1] ? new PictureSize(side, side) : null;
            int? outputs = parsed.GetValue(classes) ?? known.Classes?.Count
                ?? (checkpoint is not null && answers is not null ? CatalogueRequest.OutputsOf(variant, checkpoint) : null);
            var names = known.Classes ?? (outputs is null or 1000 && answers?.Classes == ImageNetClasses.Names.Count
                ? ImageNetClasses.Names : null);
            var request = new ExportRequest(
                variant,
                pictures,
                OneOf("--to", parsed.GetRequiredValue(to), Onnx, TorchScript, Web),
                checkpoint,
                parsed.GetValue(output),
                new ModelOptions(outputs, pictures is { IsSquare: true } square ? square.Height : null),
                new ExportOptions
                {
                    Batch = Batch(parsed.GetValue(batch)),
                    Precision = OneOf("--precision", parsed.GetValue(precision) ?? "full", "full", "bfloat16") == "full"
                        ? CompilePrecision.Full : CompilePrecision.BFloat16,
                    Metadata = ExportMetadata.Of(variant.Name, names,
                        variant.Find<TakesPictures>()?.Preprocessing.At(pictures is { IsSquare: true } taken ? taken.Height : null)),
                });
            if (request.Format == Web)
            {
                if (parsed.GetValue(batch) is not null || request.Options.Precision != CompilePrecision.Full)
                    throw new UsageException("--batch and --precision go with files: a page asks about one picture at a time");
                PageExport.Run(context, request, names, parsed.GetValue(json));
                return 0;
            }

            if (request.Format == Onnx && request.Options.Precision != CompilePrecision.Full)
                throw new UsageException("--precision bfloat16 goes with --to torchscript: few runtimes of ONNX compute in it");
            var files = Run(context, request);
            if (parsed.GetValue(json)) context.Terminal.WriteJson([.. files], CliJson.Readable.ExportJsonArray);
            else files.ForEach(file => Write(context.Terminal, file, request.Options));
            return 0;
        });
        return command;
    }

    private static List<ExportJson> Run(CommandContext context, ExportRequest request)
    {
        var files = new List<ExportJson>();
        using (var progress = new ProgressDisplay(context.Terminal, request.Variant.Name))
        {
            using var module = request.Build(progress);
            var functions = request.Variant.Exports(module, request.Size);
            foreach (var function in functions)
            {
                string path = FileOf(request, function, functions.Count > 1);
                var result = request.Format == Onnx
                    ? OnnxExport.Write(module, function, path, request.Options, progress, context.Cancellation)
                    : TorchScriptExport.Write(module, function, path, request.Options, progress, context.Cancellation);
                files.Add(new ExportJson(
                    request.Variant.Name, function.Name, request.Format, request.Format == Onnx ? OnnxExport.Opset : null, result.Path,
                    result.Bytes, result.Batch, result.FixedBecause,
                    request.Options.Precision == CompilePrecision.Full ? "full" : "bfloat16", result.Difference,
                    request.Weights is not null,
                    [.. function.Inputs.Select(input => new ExportInputJson(input.Name, input.Shape))], function.Outputs));
            }
        }

        request.NoteUntrained(context.Terminal);
        return files;
    }

    private static PictureSize Size(string asked) => PictureSize.TryParse(asked, out var size)
        ? size : throw new UsageException($"--size takes HEIGHTxWIDTH such as 480x640, or a side such as 224, not '{asked}'");

    private static void Write(Terminal terminal, ExportJson file, ExportOptions options)
    {
        terminal.Write(Columns.Heading(file.File));
        terminal.Write(Columns.Facts(
        [
            ("format", file.Opset is { } opset ? $"ONNX, opset {opset}" : "TorchScript"),
            ("size", Figures.Bytes(file.Bytes)),
            ("inputs", string.Join("; ", file.Inputs.Select(input => $"{input.Name} ({(file.Batch is { } size ? $"{size}" : "batch")}, "
                + $"{string.Join(", ", input.Shape)})"))),
            ("outputs", string.Join(", ", file.Outputs)),
            ("batch", file.Batch is { } fixedSize ? $"{fixedSize}" : "any"),
            ("batch is fixed", file.FixedBecause),
            ("precision", file.Precision == "full" ? "" : file.Precision),
            .. options.Metadata.Where(entry => entry.Key != ExportMetadata.Network).Select(entry => (entry.Key, Shortened(entry.Value))),
            ("difference", string.Create(CultureInfo.InvariantCulture, $"{file.Difference:0.0e0} of the answer's rms, "
                + $"{(file.Opset is null ? "of the file read again" : "of the graph that was written")} from the network here")),
        ]));
    }

    private static string Shortened(string json) => json.Length <= 300 ? json : json[..299] + "…";

    private static string FileOf(ExportRequest request, ExportFunction function, bool several)
    {
        string ending = request.Format == Onnx ? ".onnx" : ".pt";
        string path = request.Output ?? request.Variant.Name.Replace('/', '-').Replace('@', '-') + ending;
        if (Directory.Exists(path)) throw new UsageException($"--out {path} is a folder: name a file");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder)) throw new UsageException($"--out: there is no folder '{folder}'");
        return several ? Path.Combine(Path.GetDirectoryName(path) ?? "",
            $"{Path.GetFileNameWithoutExtension(path)}.{function.Name}{Path.GetExtension(path)}") : path;
    }

    private static int? Batch(string? asked) => asked switch
    {
        null or Any or "dynamic" => null,
        _ when int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0 => size,
        _ => throw new UsageException($"--batch takes a whole number from 1 on, or {Any}, not '{asked}'"),
    };

    private static string OneOf(string option, string asked, params string[] known) =>
        known.FirstOrDefault(one => one.Equals(asked, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException(SystemRegistry.Sentence($"{option} takes {string.Join(" or ", known)}, "
            + $"not '{asked}'", NearestNames.Suggest(asked, known), "'sconce export --help' shows how"));
}
