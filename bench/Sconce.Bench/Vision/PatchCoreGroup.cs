using System.Diagnostics;
using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Anomaly;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Bench.Vision;

/// <summary>
/// PatchCore over WideResNet-50 at 224 pixels on thirty parts: fitting (features, a coreset of a tenth, the threshold by thirds that are
/// held out) and inspection. bench/peer/patchcore.py does the same in PyTorch and NumPy, with the same weights, projections and starts.
/// </summary>
internal sealed class PatchCoreGroup : BenchGroup
{
    internal const int Side = 224, Parts = 30;
    internal const string Backbone = "wide_resnet50_2";
    private const int Patches = 28 * 28, Width = 512 + 1024, Thirds = 3, Seed = 0;

    internal override string Name => "patchcore";

    internal override string About => "fitting PatchCore to thirty parts and inspecting one, against PyTorch and NumPy";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        table.Row("PatchCore, wide_resnet50_2 at 224, fitting 30 parts, coreset 10 %", () => BenchTable.Own(Name, "fit", table.Folder),
            () => BenchTable.Peer("patchcore.py", "fit", table.Folder), 3, 1e-2);
        table.Row("PatchCore, inspecting a picture, compiled", () => BenchTable.Own(Name, "inspect", table.Folder),
            () => BenchTable.Peer("patchcore.py", "inspect", table.Folder), 1.5, 1e-2); // of scores about 50
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var folder] => Prepare(folder),
        ["fit", var folder] => Fit(folder),
        ["inspect", var folder] => Inspect(folder),
        _ => throw Unknown(task),
    };

    /// <summary>Thirty pictures of good parts, four that are asked about, and the network's weights under torchvision's keys.</summary>
    internal static void WriteParts(string folder)
    {
        var random = new Random(7);
        var surface = new SurfaceParts(Side, holes: true);
        string good = Directory.CreateDirectory(Path.Combine(folder, "parts", "good")).FullName;
        for (int k = 0; k < Parts; k++) surface.Draw(SurfaceDefect.None, random).Picture.Save(Path.Combine(good, $"{k:00}.png"));
        string asked = Directory.CreateDirectory(Path.Combine(folder, "asked")).FullName;
        foreach (var defect in Enum.GetValues<SurfaceDefect>())
            surface.Draw(defect, random).Picture.Save(Path.Combine(asked, $"{(int)defect}.png"));
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = new ResNet(ResNetConfiguration.ByName[Backbone]);
        // Statistics of real inputs, or the numbers grow from block to block.
        BatchNormStatistics.Recompute(network, [() => network.Call(Read(Directory.GetFiles(good).Order(StringComparer.Ordinal).Take(8)))]);
        ModelWeights.Save(network, Path.Combine(folder, Backbone + ".pth"));
    }

    internal static IReadOnlyList<Image> Asked(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "asked")).Order(StringComparer.Ordinal).Select(path => Image.Load(path))];

    internal static InspectionPlan Plan(string folder, InspectionMethod method) => new(
        method, new BackboneSettings { Backbone = Backbone, BackboneWeights = Path.Combine(folder, Backbone + ".pth") },
        new NormalitySettings(), Side, Seed);

    private static Tensor Read(IEnumerable<string> paths)
    {
        var preprocessing = ImagePreprocessing.ImageNet(Side);
        return Tensor.Stack([.. paths.Select(path => preprocessing.Apply(Image.Load(path)))]);
    }

    private static Measured Prepare(string folder)
    {
        WriteParts(folder);
        // What the peer cannot draw alike: projections and starts, of all parts and of two thirds of them.
        foreach (int pictures in (int[])[Parts, Parts - (Parts / Thirds)])
        {
            int rows = pictures * Patches, components = SparseProjection.Components(rows);
            var unit = new float[Width * Width];
            for (int k = 0; k < Width; k++) unit[(k * Width) + k] = 1;
            float[] matrix = new SparseProjection(Width, components, Seed).Apply(unit, Width);
            NpyWriter.Save(Path.Combine(folder, $"projection-{pictures}.npy"),
                TensorData.Of("", DType.Float32, [Width, components], matrix));
            float[] start = [new Random(Seed).Next(rows)];
            NpyWriter.Save(Path.Combine(folder, $"start-{pictures}.npy"), TensorData.Of("", DType.Float32, [1], start));
        }

        using var model = Fitted(folder);
        string path = Path.Combine(folder, "inspector.safetensors");
        model.Save(path);
        using var scope = new TensorScope();
        using var file = Checkpoint.Open(path);
        Worker.Save(Path.Combine(folder, "bank.npy"), ModelWeights.ToTensor(file["memory_bank"]));
        return new Measured { Seconds = 1e-9 };
    }

    private static InspectionModel Fitted(string folder)
    {
        string parts = Path.Combine(folder, "parts");
        return new InspectionFitting(Plan(folder, InspectionMethod.PatchCore)).Fit(PartsFolder.Open(parts), parts);
    }

    // Once: a fitting takes half a minute, and both sides begin cold.
    private static Measured Fit(string folder)
    {
        var watch = Stopwatch.StartNew();
        using var model = Fitted(folder);
        double seconds = watch.Elapsed.TotalSeconds;
        double[] scores = [.. model.Inspect(Asked(folder)).Select(found => found.Score)];
        return new Measured { Seconds = seconds, Losses = [.. scores, model.Contract.Threshold] };
    }

    private static Measured Inspect(string folder)
    {
        using var model = InspectionModel.Load(Path.Combine(folder, "inspector.safetensors"));
        model.Compile();
        var asked = Asked(folder);
        double seconds = Worker.Timed(() => model.Inspect(asked[^1]), 3, 5);
        var found = model.Inspect(asked);
        return new Measured { Seconds = seconds, Losses = [.. found.Select(one => one.Score), .. found.Select(one => one.Map.Average())] };
    }
}
