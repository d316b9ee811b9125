using System.Diagnostics;
using Sconce.Systems.Detection.Anomaly;

namespace Sconce.Bench.Vision;

/// <summary>PaDiM over WideResNet-50 at 224 pixels with 550 channels: what it holds at most. The straight form's covariances alone, 3136 of
/// 550 by 550 in 32 bits, are 3.8 GB.</summary>
internal sealed class PadimGroup : BenchGroup
{
    internal override string Name => "padim";

    internal override string About => "peak memory of PaDiM with 550 channels";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        foreach (var (title, task) in ((string, string)[])[("fitting 30 parts", "fit"), ("inspecting a picture", "inspect")])
        {
            var found = BenchTable.Own(Name, task, table.Folder);
            table.Figure($"PaDiM, wide_resnet50_2 at 224, 550 channels, {title}", BenchTable.Time(found.Seconds), "at most 1.2 GB", found);
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var folder] => Prepare(folder),
        ["fit", var folder] => Fit(folder),
        ["inspect", var folder] => Inspect(folder),
        _ => throw Unknown(task),
    };

    private static Measured Prepare(string folder)
    {
        PatchCoreGroup.WriteParts(folder);
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Fit(string folder)
    {
        string parts = Path.Combine(folder, "parts");
        var watch = Stopwatch.StartNew();
        using var model = new InspectionFitting(PatchCoreGroup.Plan(folder, InspectionMethod.Padim)).Fit(PartsFolder.Open(parts), parts);
        double seconds = watch.Elapsed.TotalSeconds;
        model.Save(Path.Combine(folder, "padim.safetensors"));
        return new Measured { Seconds = seconds };
    }

    private static Measured Inspect(string folder)
    {
        using var model = InspectionModel.Load(Path.Combine(folder, "padim.safetensors"));
        var asked = PatchCoreGroup.Asked(folder);
        return new Measured { Seconds = Worker.Timed(() => model.Inspect(asked[^1]), 3, 5) };
    }
}
