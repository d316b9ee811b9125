using System.Diagnostics;
using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Generation;

/// <summary>A step of adversarial training, lazy penalties by their share; bench/peer/gan.py is the same in PyTorch.</summary>
internal sealed class GanGroup : BenchGroup
{
    private const string Small = "small";
    private const int FirstLook = 200, Steps = 2000;

    // Adam's first step goes as far for a gradient of 1e-9 as for one of 1, so what rounds otherwise shows in the second round: by three
    // thousandths of the path length's penalty, which is about 10.
    private const double Agreement = 5e-2;

    private static readonly (string Name, string Title)[] Rows =
    [
        ("dcgan", "DCGAN, 64 px, batch 16"),
        ("dcgan_augmented", "DCGAN with DiffAugment, 64 px, batch 16"),
        ("stylegan2", $"StyleGAN2-64 ({Adversaries.StyleChannels} channels) with R1 and path length, batch 4"),
        ("swagan", $"SWAGAN-64 ({Adversaries.StyleChannels} channels) with R1 and path length, batch 4"),
        ("sngan", "SNGAN-32, batch 16"),
    ];

    internal override string Name => "gan";

    internal override string About => "a training step of DCGAN, StyleGAN2, SWAGAN and SNGAN, against PyTorch";

    internal override void Measure(BenchTable table)
    {
        foreach (var (name, title) in Rows)
        {
            BenchTable.Own(Name, "prepare", name, table.Folder);
            table.Row($"{title}, a training step", () => BenchTable.Own(Name, name, table.Folder),
                () => BenchTable.Peer("gan.py", name, table.Folder), 1.1, Agreement);
        }

        BenchTable.Own(Name, "prepare", Small, table.Folder);
        var held = BenchTable.Own(Name, "memory", Small, table.Folder);
        string[] resident = [.. held.Losses.Select(kilobytes => (kilobytes / 1024).ToString("0", CultureInfo.InvariantCulture))];
        table.Figure($"a small StyleGAN2's training, resident memory after {FirstLook} and after {Steps:N0} steps",
            $"{resident[0]} and {resident[1]} MiB", "flat", held);
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var folder] => Prepare(Adversaries.Get(name), Path.Combine(folder, name)),
        ["memory", var name, var folder] => Hold(Adversaries.Get(name), Path.Combine(folder, name)),
        [var name, var folder] => Train(Adversaries.Get(name), Path.Combine(folder, name)),
        _ => throw Unknown(task),
    };

    private static Measured Prepare(Adversaries game, string files)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        var (generator, discriminator) = game.Create();
        ModelWeights.Save(generator, files + "-g.pth");
        ModelWeights.Save(discriminator, files + "-d.pth");
        Worker.Save(files + "-reals.npy", (Tensor.Rand([game.Batch, 3, game.Side, game.Side]) * 2) - 1);
        return new Measured { Seconds = 1e-9 };
    }

    /// <summary>The first two rounds warm up and say whether both sides do the same; those after are timed, update by update.</summary>
    private static Measured Train(Adversaries game, string files)
    {
        using var scope = new TensorScope();
        using var training = Open(game, files);
        TorchRuntime.ManualSeed(11);
        double[] losses = [.. Enumerable.Range(0, 2).SelectMany(_ => training.Updates.Select(update => update.Run()))];
        var times = training.Updates.Select(_ => new List<double>()).ToArray();
        for (var all = Stopwatch.StartNew(); times[0].Count < 3 || all.Elapsed.TotalSeconds < 6;)
        {
            for (int k = 0; k < times.Length; k++)
            {
                double start = BenchClock.Now;
                training.Updates[k].Run();
                times[k].Add(BenchClock.Now - start);
            }
        }

        double seconds = times.Select((list, k) => list.Order().ElementAt(list.Count / 2) / training.Updates[k].Every).Sum();
        return new Measured { Seconds = seconds, Losses = losses };
    }

    /// <summary>Resident kilobytes after the first steps and after all.</summary>
    private static Measured Hold(Adversaries game, string files)
    {
        using var scope = new TensorScope();
        using var training = Open(game, files);
        var held = new List<double>();
        for (int step = 0; step < Steps; step++)
        {
            foreach (var update in training.Updates)
            {
                if (step % update.Every == 0) update.Run();
            }

            if (step + 1 is FirstLook or Steps) held.Add(Worker.Resident());
        }

        return new Measured { Seconds = 1e-9, Losses = [.. held] };
    }

    private static AdversarialStep Open(Adversaries game, string files)
    {
        Module<Tensor, Tensor> generator, discriminator;
        using (Init.Skipped()) (generator, discriminator) = game.Create();
        ModelWeights.Load(generator, files + "-g.pth");
        ModelWeights.Load(discriminator, files + "-d.pth");
        return new AdversarialStep(game, generator, discriminator, Worker.Load(files + "-reals.npy"));
    }
}
