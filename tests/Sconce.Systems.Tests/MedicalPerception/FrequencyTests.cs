using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Systems.Science.MedicalPerception;
using Sconce.Systems.Tests.Looks;
using Sconce.Tables;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.MedicalPerception;

public sealed class FrequencyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-frequencies-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_reader_of_fine_detail_loses_under_filters_and_one_of_coarse_detail_does_not()
    {
        var set = Pictures();
        var fine = Asked(set, [-1, 2, -1], new FrequencySettings { Frequencies = true });
        double[] area = [.. Group(fine, "all").Select(row => (double)row[7]!)];
        Assert.Equal(1, area[0], 1e-9);
        Assert.True(area[^1] < 0.9, string.Join(' ', area));
        Assert.Contains("<html", fine.Page.Html, StringComparison.Ordinal);
        Assert.Equal(["all", "kind0", "kind1"], fine.Figures.Items.Select(row => (string)row[1]!).Distinct().Order(StringComparer.Ordinal));
        Assert.Null(fine.Figures.Items[0][3]);
    }

    [Fact]
    public void People_stand_beside_the_network_subgroup_by_subgroup()
    {
        var set = Pictures();
        string readers = Path.Combine(folder, "readers.csv"), groups = Path.Combine(folder, "groups.csv");
        File.WriteAllLines(readers, ["reader,picture,severity,class,confidence",
            .. set.Pictures.SelectMany((picture, k) => new[] { 0, 3 }.Select(severity =>
                $"ann,{Path.GetFileName(picture.Path)},{severity},{(k % 2 == 0 ? "kind0" : "kind1")},0.8"))]);
        File.WriteAllLines(groups, ["picture,group",
            .. set.Pictures.Select((picture, k) => $"{Path.GetFileName(picture.Path)},{(k < 6 ? "small" : "large")}")]);
        var settings = new FrequencySettings { Frequencies = true, Readers = readers, Groups = groups };
        var answer = Asked(set, [-1, 2, -1], settings);
        var ann = answer.Figures.Items.Where(row => (string)row[0]! == "ann" && (string)row[1]! == "small").ToList();
        Assert.Equal([0L, 3L], ann.Select(row => (long)row[2]!));
        Assert.All(ann, row => Assert.Equal(0.8, (double)row[5]!, 1e-9));
        Assert.All(ann, row => Assert.Equal(1.0, (double)row[7]!, 1e-9));
        File.WriteAllText(readers, "reader,picture,severity,class\nann,0.png,0,kinf1\n");
        var fault = Assert.Throws<TableException>(() => Asked(set, [-1, 2, -1], settings));
        Assert.Contains("row 1", fault.Message, StringComparison.Ordinal);
        File.WriteAllText(groups, "picture,group\n0.png,small\n");
        Assert.Throws<TableException>(() => Asked(set, [-1, 2, -1], settings));
    }

    [Fact]
    public void Pictures_of_one_class_or_radii_beyond_the_picture_are_refused()
    {
        var one = PictureSet.Of(Pictures().Pictures.Where((_, k) => k % 2 == 0).ToList());
        Assert.Throws<UsageException>(() => Asked(one, [-1, 2, -1], new FrequencySettings()));
        Assert.Throws<SettingsException>(() => Asked(Pictures(), [-1, 2, -1], new FrequencySettings { Radii = [40] }));
    }

    /// <summary>Two classes: noise that changes from pixel to pixel, and noise that does not.</summary>
    private PictureSet Pictures()
    {
        var random = new Random(5);
        var paths = new List<string>();
        for (int k = 0; k < 12; k++)
        {
            string place = Path.Combine(folder, $"kind{k % 2}");
            Directory.CreateDirectory(place);
            paths.Add(Path.Combine(place, $"{k}.png"));
            int shift = random.Next(100);
            bool isFine = k % 2 == 1;
            LookedAt.Picture((x, y) => (byte)(110 + ((x + shift) / 8 % 2 * 20) + (isFine ? x % 2 == 0 ? 35 : -35 : 0))).Save(paths[^1]);
        }

        return PictureSet.Of(string.Join('\n', paths));
    }

    private static FrequencyAnswer Asked(PictureSet set, double[] row, FrequencySettings settings)
    {
        using var session = new ExplainFrequencies().Open(LookedAt.Request(() =>
        {
            // The second class is as sure as neighbours differ.
            var network = LookedAt.Network();
            using var off = Gradients.Off();
            var conv = (Conv2d)network["conv"];
            var deep = (Conv2d)network["deep"];
            var head = (Linear)network["head"];
            foreach (var parameter in network.Parameters()) parameter.FillInPlace(0);
            for (int k = 0; k < 3; k++) conv.Weight.FillInPlace(row[k], 0, 0, 2, 1 + k);
            deep.Weight.FillInPlace(1, 0, 0, 1, 1);
            head.Weight.FillInPlace(20, 1, 0);
            head.Bias!.FillInPlace(-1, 1);
            return network;
        }));
        return session.Ask(set, settings);
    }

    private static IEnumerable<IReadOnlyList<object?>> Group(FrequencyAnswer answer, string name) =>
        answer.Figures.Items.Where(row => (string)row[1]! == name);
}
