using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Cli.Progress;
using Sconce.Data;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce features NAME|RUN</c>: what a network has before its classifier, of every picture.</summary>
internal static class FeaturesCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network") { Description = "A classifier or an encoder of the catalogue, or a run's folder" };
        name.CompletionSources.Add(_ => context.Models.List());
        var weights = new Option<string?>("--weights") { Description = "The checkpoint (a run's best)", HelpName = "FILE" };
        var data = new Option<string>("--data") { Description = "A folder with a subfolder a class, or CIFAR's binary files (its test part)", HelpName = "FOLDER", Required = true };
        var output = new Option<string>("--out") { Description = "The file: (pictures, width) float32, a row a picture in the order of FILE.txt, which names them", HelpName = "FILE.npy", Required = true };
        var size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
        var batch = Shared.Number("--batch", "Pictures a batch (64)", 1);
        var command = new TeachingCommand("features", "Write a network's features, the numbers before its classifier, of every picture of a folder.")
        {
            Examples = [("sconce features resnet50 --weights resnet50-0676ba61.pth --data photos/ --out features.npy", "for searching, clustering, or a classifier of your own; features.txt names the pictures")],
        };
        command.Add(name);
        foreach (var option in new Option[] { weights, data, output, size, batch }) command.Add(option);
        command.SetAction(parsed =>
        {
            var (trained, method) = TrainedNetworks.Find(context, parsed.GetRequiredValue(name), parsed.GetValue(weights), parsed.GetValue(size));
            var (images, _) = LabelledImages.OpenTest(parsed.GetRequiredValue(data), null);
            Write(context, trained, method, images, parsed.GetRequiredValue(output), parsed.GetValue(batch) ?? 64);
            return 0;
        });
        return command;
    }

    private static void Write(CommandContext context, TrainedNetwork trained, TrainingMethod method, IDataset<ImageExample> images, string file, int batch)
    {
        var cancellation = context.Cancellation;
        var rows = new List<float[]>();
        using (var progress = new ProgressDisplay(context.Terminal, trained.Variant.Name))
        {
            using var network = method.CreateFeatures(trained);
            var device = TorchRuntime.BestDevice;
            network.To(device);
            var loader = ImageLoader.Create(images, trained.Preprocessing, new DataLoaderOptions { BatchSize = batch });
            ClassifierEvaluation.Each(
                network,
                loader,
                device,
                (_, features) =>
                {
                    if (features.Dimensions != 2) throw new UsageException($"{trained.Variant.Name} has features of the shape [{string.Join(", ", features.Shape.ToArray())}], not a row a picture");
                    rows.AddRange(features.Unbind().Select(row => row.ToArray<float>()));
                },
                done => progress.Report(new WorkProgress("features", Math.Min((long)done * batch, images.Count), images.Count)),
                cancellation);
        }

        NpyWriter.Save(file, TensorData.Of("features", DType.Float32, [rows.Count, rows[0].Length], rows.SelectMany(row => row).ToArray()), cancellationToken: cancellation);
        string list = Path.ChangeExtension(file, ".txt");
        Files.AtomicFile.Write(list, System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, images.Count).Select(k => images.NameOf(k) + "\n"))));
        context.Terminal.Write(Columns.Line($"{file}: {rows.Count} pictures, {rows[0].Length} numbers each; {list} names them"));
    }
}
