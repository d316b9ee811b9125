using System.Globalization;

namespace Sconce.Bench;

/// <summary>Runs each task on both sides in turn and prints the medians with their ratios.</summary>
internal static class Comparison
{
    private const string Python = "/usr/bin/python3";
    private const int Rounds = 3;

    /// <summary>Threads that both sides use.</summary>
    internal static string Threads => Environment.GetEnvironmentVariable("SCONCE_BENCH_THREADS") ?? Environment.ProcessorCount.ToString();

    internal static int Run(string[] wanted)
    {
        bool Wants(string what) => wanted.Length == 0 || wanted.Contains(what);
        string folder = Directory.CreateTempSubdirectory("sconce-bench-").FullName;
        if (wanted is ["families", .. var names])
        {
            try
            {
                Console.WriteLine($"{Environment.ProcessorCount} cores, {Threads} threads, {DateTime.UtcNow:yyyy-MM-dd}; milliseconds, the "
                    + $"median of at least 5 calls and 3 seconds in one process each. Over 1: the compiled network is faster.\n");
                Families.Run(folder, names.Length > 0 ? names : Families.All, Own, Peer, task => Own(["onnx", .. task]));
                return 0;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Console.WriteLine($"{Environment.ProcessorCount} cores, {Threads} threads, {DateTime.UtcNow:yyyy-MM-dd}. Median of {Rounds} runs "
            + $"in turn; ratio = PyTorch's time / Sconce's (over 1: Sconce is faster).");
        Console.WriteLine();
        Console.WriteLine("| task | Sconce | PyTorch | ratio | memory, Sconce | memory, PyTorch | outputs differ by |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        try
        {
            if (Wants("overhead"))
            {
                foreach (string mode in (string[])["no-grad", "grad"])
                    Row($"add of 1 element, {mode}", ["overhead", mode], ["overhead", mode]);
            }

            if (Wants("cold"))
            {
                Row("cold start to the first number", ["cold"], ["cold"]);
                Row("cold start to the first number, native binary", ["cold"], ["cold"],
                    Path.Combine(AppContext.BaseDirectory, "..", "bench-native", "Sconce.Bench"));
            }

            if (Wants("forward"))
            {
                foreach (string name in (string[])["vit_base_patch16_224", "clip_rn50_visual", "dm_nfnet_f0"])
                {
                    foreach (string batch in (string[])["1", "8"])
                    {
                        Own("prepare", name, batch, folder);
                        Row($"{name}, batch {batch}, eager", ["forward", name, batch, folder, "eager"],
                            ["forward", name, batch, folder, "eager"]);
                        Row($"{name}, batch {batch}, compiled / optimised script", ["forward", name, batch, folder, "compiled"],
                            ["forward", name, batch, folder, "script"]);
                    }
                }
            }

            if (Wants("loader"))
            {
                if (Loading.Photographs() is { } photographs)
                {
                    string expected = Path.Combine(folder, "loader.npy");
                    Own("loader-prepare", photographs, expected);
                    foreach (string workers in (string[])["1", "2"])
                        Row($"loader, {workers} worker{(workers == "1" ? "" : "s")}, an image", ["loader", photographs, workers],
                            ["loader", photographs, workers, $"{Loading.Copies}", expected]);
                }
                else
                {
                    Console.Error.WriteLine("bench: no photographs for the loader: name a folder of JPEG files in "
                        + "SCONCE_BENCH_PHOTOGRAPHS");
                }
            }

            if (Wants("tracking"))
                Row("tracking, a frame of 50 objects, against NumPy", ["tracking"],
                    () => Measured.Of(Python, Path.Combine(PeerFolder(), "tracking.py")));

            if (Wants("trees"))
            {
                foreach (string what in (string[])["train", "predict"])
                {
                    Row($"trees, 100,000 x 50, {what}, against LightGBM", ["trees", "own", what], () => Own("trees", "lightgbm", what),
                        agreement: 0.005);
                }
            }

            if (Wants("train"))
            {
                foreach (var (name, batch) in ((string, string)[])[("vit_tiny_patch16_224", "16"), ("vit_small_patch16_224", "8"),
                    ("resnet50", "8")])
                {
                    Own("prepare", name, batch, folder);
                    Row($"{name}, training step, batch {batch}", ["train", name, batch, folder], ["train", name, batch, folder]);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static Measured Own(params string[] task) => Own(Environment.ProcessPath!, task);

    private static Measured Own(string program, string[] task) => Measured.Of(program, ["worker", .. task]);

    private static Measured Peer(params string[] task) => Measured.Of(Python, [Path.Combine(PeerFolder(), "peer.py"), .. task]);

    private static void Row(string title, string[] own, string[] peer, string? program = null) =>
        Row(title, own, () => Peer(peer), program);

    private static void Row(string title, string[] own, Func<Measured> peer, string? program = null, double agreement = 1e-3)
    {
        var ours = new List<Measured>();
        var theirs = new List<Measured>();
        for (int round = 0; round < Rounds; round++)
        {
            ours.Add(Own(program ?? Environment.ProcessPath!, own));
            theirs.Add(peer());
        }

        double mine = Median(ours, run => run.Seconds), other = Median(theirs, run => run.Seconds);
        double ratio = Median(ours.Zip(theirs), pair => pair.Second.Seconds / pair.First.Seconds);
        double difference = ours.Concat(theirs).Max(run => run.Difference);
        if (ours[0].Losses.Length > 0) difference = ours[0].Losses.Zip(theirs[0].Losses, (a, b) => Math.Abs(a - b)).Max();
        if (!(difference <= agreement))
            throw new InvalidOperationException($"{title}: the outputs differ by {difference}: the times would compare nothing");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {title} | {Time(mine)} | {Time(other)} | {ratio:0.00} | "
            + $"{Median(ours, run => run.PeakKilobytes) / 1024:0} MiB | {Median(theirs, run => run.PeakKilobytes) / 1024:0} MiB | "
            + $"{difference:0.0E+0} |"));
    }

    private static double Median<T>(IEnumerable<T> items, Func<T, double> value)
    {
        var sorted = items.Select(value).Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private static string Time(double seconds) => seconds switch
    {
        < 1e-3 => $"{seconds * 1e6:0.00} µs",
        < 10 => $"{seconds * 1e3:0.0} ms",
        _ => $"{seconds:0.0} s",
    };

    private static string PeerFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string peer = Path.Combine(folder.FullName, "bench", "peer");
            if (Directory.Exists(peer)) return peer;
        }

        throw new DirectoryNotFoundException("bench/peer was not found above the program: run it inside the checkout");
    }
}
