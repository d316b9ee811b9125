using System.Diagnostics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Generation;

/// <summary>A step of adversarial training, lazy penalties by their share; bench/peer/gan.py is the same in PyTorch.</summary>
internal sealed class GanGroup : BenchGroup
{
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
                () => BenchTable.Peer("gan.py", name, table.Folder), 1.1, agreement: 1e-2);
        }
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var name, var folder] => Prepare(Adversaries.Get(name), Path.Combine(folder, name)),
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
        Module<Tensor, Tensor> generator, discriminator;
        using (Init.Skipped()) (generator, discriminator) = game.Create();
        ModelWeights.Load(generator, files + "-g.pth");
        ModelWeights.Load(discriminator, files + "-d.pth");
        using var training = new AdversarialStep(game, generator, discriminator, Worker.Load(files + "-reals.npy"));
        TorchRuntime.ManualSeed(11);
        double[] losses = [.. Enumerable.Range(0, 2).SelectMany(_ => training.Updates.Select(update => update.Run()))];
        var times = training.Updates.Select(_ => new List<double>()).ToArray();
        for (var all = Stopwatch.StartNew(); times[0].Count < 3 || all.Elapsed.TotalSeconds < 6;)
        {
            for (int k = 0; k < times.Length; k++)
            {
                long start = Stopwatch.GetTimestamp();
                training.Updates[k].Run();
                times[k].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        double seconds = times.Select((list, k) => list.Order().ElementAt(list.Count / 2) / training.Updates[k].Every).Sum();
        return new Measured { Seconds = seconds, Losses = losses };
    }
}
