namespace Sconce.Bench.Basics;

/// <summary>
/// The other library of tensors for .NET, <c>bench/TorchSharpPeer</c>: TorchSharp 0.107 on its own libtorch 2.10, which needs Debian 13.
/// Sconce runs beside it on that Debian's libtorch: <c>eng/debian.sh 13 bench/run torchsharp</c>.
/// </summary>
internal sealed class TorchSharpGroup : BenchGroup
{
    internal override string Name => "torchsharp";

    internal override string About =>
        "operators, inference, training against TorchSharp 0.107 (on Debian 13: eng/debian.sh 13 bench/run torchsharp)";

    internal override bool ByDefault => false;

    internal override void Measure(BenchTable table)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "..", "torchsharp", "TorchSharpPeer");
        if (!File.Exists(program)) throw new InvalidOperationException("TorchSharp's side is not built: start this group by bench/run");
        Measured Theirs(params string[] task) => Measured.Of(program, task);

        foreach (string mode in (string[])["no-grad", "grad"])
        {
            table.Row($"add of 1 element, {mode}, against TorchSharp", () => BenchTable.Own("overhead", mode),
                () => Theirs("overhead", mode));
        }

        table.Row("cold start to the first number, against TorchSharp", () => BenchTable.Own("cold"), () => Theirs("cold"));
        foreach (string name in (string[])["resnet18", "resnet50"])
        {
            foreach (string batch in (string[])["1", "8"])
            {
                BenchTable.Own("family-prepare", name, batch, table.Folder);
                table.Row($"{name}, batch {batch}, eager, against TorchSharp",
                    () => BenchTable.Own("forward", name, batch, table.Folder, "eager"),
                    () => Theirs("forward", name, batch, table.Folder, "eager"));
                table.Row($"{name}, batch {batch}, compiled, against a script in TorchSharp",
                    () => BenchTable.Own("forward", name, batch, table.Folder, "compiled"),
                    () => Theirs("forward", name, batch, table.Folder, "script"));
            }

            table.Row($"{name}, training step, batch 8, against TorchSharp", () => BenchTable.Own("train", name, "8", table.Folder),
                () => Theirs("train", name, "8", table.Folder), agreement: 5e-3);
        }
    }
}
