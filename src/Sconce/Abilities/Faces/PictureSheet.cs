using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>Pictures of one answer side by side; of very many the first, of large ones reduced.</summary>
/// <param name="count">How many there will be.</param>
internal sealed class PictureSheet(int count)
{
    /// <summary>More pictures than these are not on the sheet.</summary>
    public const int Most = 400;

    private const int Widest = 8192, Padding = 2;
    private readonly int columns = (int)Math.Ceiling(Math.Sqrt(Math.Clamp(count, 1, Most)));
    private readonly List<Image> cells = [];

    /// <summary>Whether nothing was added yet.</summary>
    public bool IsEmpty => cells.Count == 0;

    /// <summary>Adds a picture.</summary>
    public void Add(Image picture)
    {
        if (cells.Count == Most) return;
        int cell = (Widest / columns) - Padding, side = Math.Max(picture.Width, picture.Height);
        cells.Add(side <= cell ? picture : picture.Resize(Scaled(picture.Width), Scaled(picture.Height)));

        int Scaled(int length) => Math.Max(1, (int)((long)length * cell / side));
    }

    /// <summary>The sheet of those that were added.</summary>
    public Image Create() => ImageGrid.Create(cells, columns, Padding);
}
