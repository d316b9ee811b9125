using System.IO.Compression;
using System.Text;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Tools.Wit;
using Xunit;

namespace Sconce.Systems.Tests.Wit;

[Collection(LiveTensors.Name)]
public sealed class WitRunTests : IDisposable
{
    private const int Count = 24;
    private readonly RunFixture runs = new(new WitSystem());

    public void Dispose() => runs.Dispose();

    [Fact]
    public void Pairs_are_learnt_resumed_judged_and_searched()
    {
        var settings = Settings();
        var whole = runs.Train("whole", "wit_small", settings);
        runs.Stop("stopped", "wit_small", settings, 3);
        runs.Train("stopped", "wit_small", settings);
        Assert.Equal(runs.Best("whole"), runs.Best("stopped"));
        var report = runs.MethodOf("wit_small").Evaluate(runs.Trained("whole", "wit_small", settings), null, 1, null, default);
        Assert.Equal(whole.Best!.Figures["recall@5"], report.Figures["recall@5"], 1e-9);

        string photos = settings.Pictures!, store = Path.Combine(runs.Folder, "index.sqlite");
        var asked = new SearchSettings { Index = photos, Store = store, Count = 3 };
        using var words = new SearchByWords().Open(runs.Request("whole", "wit_small", settings));
        Assert.Equal(3, words.Ask(Words.Of("photo of the ring"), asked).Items.Count);
        using var pictures = new SearchByPicture().Open(runs.Request("whole", "wit_small", settings));
        string first = Path.Combine(photos, "0.png");
        var found = pictures.Ask(Picture.Of(first), asked).Items;
        Assert.Equal(first, found[0][1]);
        Assert.Equal(1.0, (double)found[0][2]!, 1e-4);

        File.Delete(first); // an index whose pictures were deleted, and one that was moved
        File.Move(Path.Combine(photos, "1.png"), Path.Combine(photos, "moved.png"));
        File.WriteAllText(Path.Combine(photos, "broken.png"), "no picture");
        using var encoder = new WitEncoder(WitNetworks.Create(32, 32), 32, 32, "another");
        using (var index = new PictureIndex(Path.Combine(runs.Folder, "own.sqlite"), encoder))
        {
            var faults = new List<string>();
            Assert.Equal(new IndexUpdate(Count - 1, Count - 1, 0, 1), index.Update(photos, fault: faults.Add));
            Assert.Contains("broken.png", Assert.Single(faults), StringComparison.Ordinal);
            File.Delete(Path.Combine(photos, "2.png"));
            File.Move(Path.Combine(photos, "3.png"), Path.Combine(photos, "deeper.png"));
            Assert.Equal(new IndexUpdate(Count - 2, 0, 2, 1), index.Update(photos));
        }

        found = pictures.Ask(Picture.Of(Path.Combine(photos, "4.png")), asked with { Count = 100 }).Items;
        Assert.Equal(Count - 2, found.Count);
        Assert.DoesNotContain(found, row => (string)row[1]! == first);
    }

    [Fact]
    public void A_table_is_described_and_pairs_are_written()
    {
        string table = Packed(WitClaim.Make(5, new Random(1)).Table + "en\tbroken\n");
        using var session = new WitDescribe().Open(new MadeRequest(() => throw new NotSupportedException()));
        var answer = session.Ask(WitTable.Of(table), new WitDataSettings { Pairs = true });
        var counts = answer.Figures.Items.ToDictionary(row => (string)row[0]!, row => (long)row[1]!);
        Assert.Equal((6, 5, 1, 5), (counts["rows"], counts["kept"], counts["broken: columns"], counts["different pictures"]));
        Assert.Equal(["en", 5L, 5L, 5L], answer.Languages.Items.Single());
        Assert.Equal(5, answer.Pairs!.Table.Rows);
        var none = session.Ask(WitTable.Of(table), new WitDataSettings { Languages = ["de"] });
        Assert.Empty(none.Languages.Items);
    }

    [Fact]
    public void A_cut_file_and_an_open_quote_are_told()
    {
        string table = Packed(WitClaim.Make(200, new Random(1)).Table);
        byte[] bytes = File.ReadAllBytes(table);
        string cut = Path.Combine(runs.Folder, "cut.tsv.gz");
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        Assert.Contains("cut", Assert.Throws<DataException>(() => WitReader.Read(cut).Count()).Message, StringComparison.Ordinal);
        string open = runs.Write("open.tsv", "en\t\"never closed\tx\n");
        Assert.Contains("never closed", Assert.Throws<DataException>(() => WitReader.Read(open).Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Drawings_are_asked_for_as_pictures()
    {
        Assert.Equal(
            "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/Map.svg/300px-Map.svg.png",
            WitPictures.Thumbnail("https://upload.wikimedia.org/wikipedia/commons/a/ab/Map.svg"));
        const string photo = "https://upload.wikimedia.org/wikipedia/commons/a/ab/Photo.jpg";
        Assert.Equal(photo, WitPictures.Thumbnail(photo));
    }

    [Fact]
    public void Words_of_any_language_are_told_apart()
    {
        var words = new HashedWords(1000, 8);
        long[] one = words.Encode("a red ship"), other = words.Encode("a red house"), han = words.Encode("红船");
        Assert.Equal(one[1..3], other[1..3]);
        Assert.NotEqual(one[3], other[3]);
        Assert.Equal(words.Vocabulary - 1, one[4]);
        Assert.Equal(words.Vocabulary - 1, han[3]);
        Assert.Equal(words.Encode("Étude")[1], words.Encode("une Étude")[2]);
        Assert.Equal(words.Vocabulary - 1, words.Encode("one two three four five six seven eight nine")[^1]);
    }

    [Fact]
    public void Rows_of_one_picture_are_no_wrong_answers()
    {
        using var scope = new Torch.TensorScope();
        var rows = Torch.Tensor.From([1f, 0, 1, 0], [2, 2]);
        var scale = Torch.Tensor.Zeros([]);
        Assert.Equal(0, PairLoss.Compute(rows, rows, scale, Torch.Tensor.From([7L, 7], [2])).Item<double>(), 1e-6);
        Assert.Equal(Math.Log(2), PairLoss.Compute(rows, rows, scale, Torch.Tensor.From([7L, 8], [2])).Item<double>(), 1e-6);
    }

    private WitSettings Settings()
    {
        var (table, planes) = WitClaim.Make(Count, new Random(2));
        string photos = Path.Combine(runs.Folder, "photos");
        Directory.CreateDirectory(photos);
        foreach (var (k, plane) in planes.Index())
        {
            var picture = new Image(32, 32);
            for (int place = 0; place < 1024; place++)
            {
                for (int channel = 0; channel < 3; channel++)
                    picture.Pixels[(3 * place) + channel] = (byte)(255 * plane[(channel * 1024) + place]);
            }

            picture.Save(Path.Combine(photos, $"{k}.png"));
        }

        return new WitSettings
        {
            Run = new() { Data = Packed(table), Epochs = 2, Batch = 8, Validation = 0.25, Threads = 1 },
            Optimization = new WitSettings().Optimization,
            Pictures = photos,
            Side = 32,
            Length = 32,
        };
    }

    private string Packed(string text)
    {
        string path = Path.Combine(runs.Folder, "wit.tsv.gz");
        using var stream = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }
}
