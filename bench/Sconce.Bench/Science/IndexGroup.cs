using System.Globalization;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Systems.Tools.Wit;
using Sconce.Torch;

namespace Sconce.Bench.Science;

/// <summary>
/// Searching an index of 10,000 pictures, as <c>sconce search</c> keeps it, for the nearest ten; embeddings of CLIP's width are drawn, as
/// the encoder's time is another matter.
/// </summary>
internal sealed class IndexGroup : BenchGroup
{
    private const int Pictures = 10_000, Width = 512, Side = 8;

    internal override string Name => "index";

    internal override string About => "an index of 10,000 pictures searched, and brought up to date where nothing is new";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        foreach (var (what, title, asked) in ((string, string, string)[])[("search", "searched", "20 ms"),
            ("update", "looked through for new pictures", "")])
        {
            var run = Enumerable.Range(0, 3).Select(_ => BenchTable.Own(Name, what, table.Folder)).OrderBy(run => run.Seconds).ElementAt(1);
            table.Figure($"index of {Pictures:N0} pictures, {title}", BenchTable.Time(run.Seconds), asked, run);
        }
    }

    internal override Measured Work(string[] task)
    {
        string photos = Path.Combine(task[1], "photos"), store = Path.Combine(task[1], "index.sqlite");
        using var encoder = new Drawn();
        if (task[0] == "prepare")
        {
            Directory.CreateDirectory(photos);
            var random = new Random(3);
            for (int k = 0; k < Pictures; k++)
            {
                var picture = new Image(Side, Side);
                picture.Fill(new PixelBox(0, 0, Side, Side), new Rgb((byte)k, (byte)(k >> 8), 40));
                picture.Save(Path.Combine(photos, string.Create(CultureInfo.InvariantCulture, $"{k:00000}.png")));
            }

            using var made = new PictureIndex(store, encoder);
            made.Update(photos);
            return new Measured { Seconds = 1e-9 };
        }

        using var index = new PictureIndex(store, encoder);
        float[] asked = encoder.Row(9);
        // A search by the command opens the index anew.
        double seconds = Worker.Timed(() =>
        {
            using var opened = new PictureIndex(store, encoder);
            if (task[0] == "update") opened.Update(photos);
            else if (opened.Nearest(asked, 10).Count != 10) throw new InvalidOperationException("the index lost pictures");
        }, 2, 5);
        return new Measured { Seconds = seconds };
    }

    /// <summary>Directions drawn at random in place of an encoder's.</summary>
    private sealed class Drawn : IPairEncoder
    {
        private readonly Random random = new(5);

        public string Mark => "drawn";

        public Tensor OfPictures(IReadOnlyList<Picture> pictures) => Rows(pictures.Count);

        public Tensor OfTexts(IReadOnlyList<string> texts) => Rows(texts.Count);

        public void Dispose()
        {
        }

        internal float[] Row(int seed) => Unit(new Random(seed));

        private static float[] Unit(Random random)
        {
            float[] row = [.. Enumerable.Range(0, Width).Select(_ => (float)(random.NextDouble() - 0.5))];
            float length = MathF.Sqrt(row.Sum(value => value * value));
            return [.. row.Select(value => value / length)];
        }

        private Tensor Rows(int count) => Tensor.From([.. Enumerable.Range(0, count).SelectMany(_ => Unit(random))], [count, Width]);
    }
}
