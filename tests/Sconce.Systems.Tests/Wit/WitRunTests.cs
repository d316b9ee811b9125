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
    public void Own_pictures_with_a_text_beside_each_are_learnt_from_and_judged()
    {
        string folder = Path.GetDirectoryName(Settings().Run.Data)!, photos = Path.Combine(folder, "photos");
        for (int k = 0; k < Count; k++)
            File.WriteAllText(Path.Combine(photos, $"{k}.txt"), k % 2 == 0 ? $"ship {k}" : $"house {k}\na second caption of it");
        var settings = Settings() with { Pictures = null };
        settings = settings with { Run = settings.Run with { Data = photos, Epochs = 1 } };
        var run = runs.Train("own", "wit_small", settings);
        var report = runs.MethodOf("wit_small").Evaluate(runs.Trained("own", "wit_small", settings), null, 1, null, default);
        Assert.Equal(run.Best!.Figures["recall@5"], report.Figures["recall@5"], 1e-9);
        Assert.Equal("languages", Assert.Throws<SettingsException>(
            () => runs.Train("refused", "wit_small", settings with { Languages = ["en"] })).Setting);

        File.WriteAllText(Path.Combine(photos, "captions.csv"), "image,caption\n" + string.Concat(
            Enumerable.Range(0, 8).Select(k => $"{k}.png,\"a caption, {k}\"\n")));
        settings = settings with { Run = settings.Run with { Data = Path.Combine(photos, "captions.csv") } };
        runs.Train("table", "wit_small", settings);
        report = runs.MethodOf("wit_small").Evaluate(runs.Trained("table", "wit_small", settings), null, 1, null, default);
        Assert.Equal(2, report.Count);
    }

    [Fact]
    public void What_is_small_in_a_picture_is_found_where_its_tiles_are_looked_at()
    {
        string photos = Path.Combine(runs.Folder, "tiles");
        Directory.CreateDirectory(photos);
        for (int k = 0; k < 6; k++)
        {
            var picture = new Image(96, 64);
            picture.Fill(new PixelBox(0, 0, 96, 64), new Rgb(0, 0, 255));
            if (k == 4) picture.Fill(new PixelBox(72, 4, 92, 12), new Rgb(255, 0, 0));
            picture.Save(Path.Combine(photos, $"{k}.png"));
        }

        using var encoder = new RednessEncoder();
        using var whole = new PictureIndex(Path.Combine(runs.Folder, "whole.sqlite"), encoder);
        whole.Update(photos);
        using var tiles = new PictureIndex(Path.Combine(runs.Folder, "tiles.sqlite"), encoder, 3);
        Assert.Equal(new IndexUpdate(6, 6, 0, 0), tiles.Update(photos));
        var (plain, better) = (whole.Nearest([1, 0], 1)[0], tiles.Nearest([1, 0], 1)[0]);
        Assert.Equal("4.png", Path.GetFileName(better.Path));
        Assert.True(better.Cosine > 2 * plain.Cosine, $"{plain.Cosine} {better.Cosine}");
        Assert.Equal("column 3, row 1 of 3", PictureTiles.NameOf(3, better.Tile));
        Assert.Equal(0, plain.Tile);
        using var reopened = new PictureIndex(Path.Combine(runs.Folder, "tiles.sqlite"), encoder, 2); // other tiles begin it anew
        Assert.Equal(6, reopened.Update(photos).Added);
    }

    [Fact]
    public void Tiles_cover_a_picture_and_overlap_by_half()
    {
        var boxes = Enumerable.Range(1, PictureTiles.Count(3) - 1).Select(view => PictureTiles.Box(100, 60, 3, view)).ToList();
        Assert.Equal(new PixelBox(0, 0, 50, 30), boxes[0]);
        Assert.Equal(new PixelBox(25, 0, 75, 30), boxes[1]);
        Assert.Equal(new PixelBox(50, 30, 100, 60), boxes[^1]);
        Assert.Equal(new PixelBox(0, 0, 1, 1), PictureTiles.Box(1, 1, 3, 1));
        Assert.Single(PictureTiles.Of(Picture.Of(new Image(4, 4)), 1));
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

    /// <summary>How red a picture is in the mean.</summary>
    private sealed class RednessEncoder : IPairEncoder
    {
        public string Mark => "redness";

        public Torch.Tensor OfPictures(IReadOnlyList<Picture> pictures)
        {
            var rows = pictures.SelectMany(picture =>
            {
                double red = 0;
                var pixels = picture.Image.Pixels;
                for (int k = 0; k < pixels.Length; k += 3) red += pixels[k] / 255.0 * 3 / pixels.Length;
                return (float[])[(float)red, (float)Math.Sqrt(1 - (red * red))];
            });
            return Torch.Tensor.From([.. rows], [pictures.Count, 2]);
        }

        public Torch.Tensor OfTexts(IReadOnlyList<string> texts) => throw new NotSupportedException();

        public void Dispose()
        {
        }
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
