using Sconce.Claims;
using Sconce.Systems.Classification.NFNets;
using Xunit;

namespace Sconce.Systems.Tests.NFNets;

/// <summary>The claim: that it runs, that its rule can fail, and that it reads photographs.</summary>
[Collection(LiveTensors.Name)]
public class NFNetsClaimTests
{
    [Fact]
    public void A_quick_run_fills_every_row_decides_nothing_and_is_the_same_again()
    {
        long before = LiveTensors.Count;
        var first = new NFNetsClaim().Run(new ClaimOptions(Quick: true), null, CancellationToken.None);
        Assert.Equal(before, LiveTensors.Count);
        var second = new NFNetsClaim().Run(new ClaimOptions(Quick: true), null, CancellationToken.None);
        Assert.Equal(Verdict.Undecided, first.Verdict);
        Assert.Equal(6, first.Rows.Count);
        Assert.Equal(3, first.Rows.Count(row => row.IsMethod));
        Assert.Equal(first.Rows.SelectMany(row => row.Values), second.Rows.SelectMany(row => row.Values));
        Assert.Equal(first.Curves[0].Y, second.Curves[0].Y);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], first.Pictures[0].Png[..4].ToArray());
    }

    [Fact]
    public void A_cancelled_run_ends_and_leaves_no_tensor()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        long before = LiveTensors.Count;
        Assert.Throws<OperationCanceledException>(() => new NFNetsClaim().Run(new ClaimOptions(Quick: true), null, cancelled.Token));
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_rule_wants_clipping_to_learn_and_its_absence_to_fail_in_every_seed()
    {
        Assert.Equal(Verdict.Holds, Judge([0.95, 0.99], [double.NaN, 0.2]));
        Assert.Equal(Verdict.DoesNotHold, Judge([0.95, 0.99], [0.9, 0.95]));
        Assert.Equal(Verdict.DoesNotHold, Judge([double.NaN, 0.99], [double.NaN, double.NaN]));
        Assert.Equal(Verdict.Undecided, Judge([0.85, 0.99], [double.NaN, double.NaN]));
        Assert.Equal(Verdict.Undecided, Judge([0.95, 0.99], [double.NaN, 0.4]));

        static Verdict Judge(List<double> clipped, List<double> free) => NFNetsClaim.Judge(
            new Dictionary<(double Rate, bool Clip), List<double>>
            { [(0.1, true)] = [0], [(0.1, false)] = [1], [(3.2, true)] = clipped, [(3.2, false)] = free }, 0.9, 0.3).Verdict;
    }

    [Fact]
    public void Photographs_take_the_place_of_the_textures()
    {
        string folder = Directory.CreateTempSubdirectory("sconce-nfnets-").FullName;
        try
        {
            byte[] records = new byte[80 * 3073];
            new Random(1).NextBytes(records);
            for (int k = 0; k < 80; k++) records[k * 3073] = (byte)(k % 10);
            File.WriteAllBytes(Path.Combine(folder, "train.bin"), records);
            File.WriteAllBytes(Path.Combine(folder, "test.bin"), records[..(20 * 3073)]);
            File.WriteAllLines(Path.Combine(folder, "labels.txt"), Enumerable.Range(0, 10).Select(k => $"class {k}"));
            var result = new NFNetsClaim().Run(new ClaimOptions(Quick: true, Data: folder), null, CancellationToken.None);
            Assert.Contains("80 + 20 photographs", result.Configuration[0].Value);
            File.WriteAllLines(Path.Combine(folder, "labels.txt"), Enumerable.Range(0, 12).Select(k => $"class {k}"));
            var error = Assert.Throws<InvalidDataException>(() =>
                new NFNetsClaim().Run(new ClaimOptions(Quick: true, Data: folder), null, CancellationToken.None));
            Assert.Contains("12 classes", error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
