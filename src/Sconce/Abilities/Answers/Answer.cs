using Sconce.Imaging;
using Sconce.Tables;

namespace Sconce.Abilities;

/// <summary>What an ability gives: one answer of a kind, or a record of several.</summary>
public interface IAnswer
{
    /// <summary>Its parts with their names; an answer of one kind is one part without a name.</summary>
    IReadOnlyList<(string Name, Answer Part)> Parts { get; }
}

/// <summary>An answer of one kind. The list of kinds is closed: each has one renderer a face.</summary>
public abstract record Answer : IAnswer
{
    private protected Answer()
    {
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", this)];
}

/// <summary>A class that an input may show.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Confidence">In [0, 1].</param>
public sealed record Label(string Name, double Confidence);

/// <summary>The classes that an input shows, likeliest first.</summary>
/// <param name="Items">Best first.</param>
public sealed record Labels(IReadOnlyList<Label> Items) : Answer
{
    /// <summary>The likeliest class.</summary>
    public Label Best => Items[0];

    /// <summary>The confidence that was asked for; null where none was.</summary>
    public double? Threshold { get; init; }

    /// <summary>Whether the likeliest class is less likely than was asked for; null where nothing was.</summary>
    public bool? IsUnsure => Threshold is { } threshold ? Doubt.IsUnsure(this, threshold) : null;
}

/// <summary>An object in a picture.</summary>
/// <param name="Name">Its class.</param>
/// <param name="Confidence">In [0, 1].</param>
/// <param name="Left">In pixels of the picture as it is shown, as are the other edges.</param>
/// <param name="Top">The upper edge.</param>
/// <param name="Right">The edge beyond the last pixel.</param>
/// <param name="Bottom">The edge below the last pixel.</param>
/// <param name="Class">The class's number, for its colour.</param>
public sealed record Box(string Name, double Confidence, double Left, double Top, double Right, double Bottom, int Class = 0);

/// <summary>Objects in a picture, surest first.</summary>
/// <param name="Items">Surest first.</param>
public sealed record Boxes(IReadOnlyList<Box> Items) : Answer;

/// <summary>A box of a frame that is followed.</summary>
/// <param name="Frame">The frame's number, from 0.</param>
/// <param name="Seconds">When it is shown.</param>
/// <param name="Id">The object's own number, from 1.</param>
/// <param name="Box">Where it is.</param>
public sealed record TrackedBox(long Frame, double Seconds, int Id, Box Box);

/// <summary>Objects followed through a clip, in the order of frames.</summary>
/// <param name="Items">A box a frame and object; read once, as the clip is.</param>
public sealed record Tracks(IEnumerable<TrackedBox> Items) : Answer;

/// <summary>One picture that was made.</summary>
/// <param name="Picture">8 or 16 bits, with alpha where there are four channels.</param>
public sealed record MadePicture(Image Picture) : Answer;

/// <summary>Several pictures that were made together.</summary>
/// <param name="Items">In the order in which they were drawn; read once, as they are made.</param>
public sealed record MadePictures(IEnumerable<Image> Items) : Answer
{
    /// <summary>How many there will be; null where that is not known before.</summary>
    public int? Count { get; init; }

    /// <summary>Whether a sheet with all of them belongs to their files.</summary>
    public bool HasSheet { get; init; }
}

/// <summary>A number of a class for every pixel.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Classes">Row by row; -1 where nothing is known.</param>
/// <param name="Names">The classes' names.</param>
public sealed record Mask(int Width, int Height, IReadOnlyList<int> Classes, IReadOnlyList<string> Names) : Answer;

/// <summary>A clip that is made as its frames are read.</summary>
/// <param name="Frames">8-bit pictures of one size and kind; read once.</param>
/// <param name="FrameRate">Frames a second.</param>
/// <param name="SoundFrom">A file whose sound goes with it; null for a silent clip.</param>
/// <param name="IsClear">Whether the frames have transparency.</param>
public sealed record MadeClip(IEnumerable<Image> Frames, double FrameRate, string? SoundFrom = null, bool IsClear = false) : Answer;

/// <summary>A drawing of vectors that stands alone: one SVG file.</summary>
/// <param name="Svg">The whole of it.</param>
public sealed record MadeDrawing(string Svg) : Answer;

/// <summary>Words.</summary>
/// <param name="Text">Plain text.</param>
public sealed record MadeText(string Text) : Answer;

/// <summary>Lines that are told as they come, while a stream is still being read.</summary>
/// <param name="Items">Read once.</param>
public sealed record ToldLines(IEnumerable<string> Items) : Answer;

/// <summary>Rows of points or of features.</summary>
/// <param name="Rows">Each of one length.</param>
public sealed record Points(IReadOnlyList<float[]> Rows) : Answer;

/// <summary>Rows under named columns.</summary>
/// <param name="Columns">The names.</param>
/// <param name="Items">Texts, numbers (<see cref="double"/>, <see cref="long"/>) and nulls.</param>
public sealed record Rows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Items) : Answer;

/// <summary>A table that was made: a file, CSV or Parquet by its ending.</summary>
/// <param name="Table">Columns of numbers and texts.</param>
public sealed record MadeTable(Table Table) : Answer;

/// <summary>A file in a form of its own, such as a network for another runtime.</summary>
/// <param name="Extension">With its dot.</param>
/// <param name="Bytes">All of it.</param>
public sealed record MadeFile(string Extension, ReadOnlyMemory<byte> Bytes) : Answer;

/// <summary>A folder of files that are made as they are written.</summary>
/// <param name="Files">Of each the path within the folder and what writes it to a path; read once.</param>
public sealed record MadeFolder(IEnumerable<(string Path, Action<string> Write)> Files) : Answer;

/// <summary>A page that stands alone: one HTML file.</summary>
/// <param name="Html">The whole of it.</param>
public sealed record Page(string Html) : Answer;
