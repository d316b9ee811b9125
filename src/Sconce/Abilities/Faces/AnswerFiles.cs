using System.Globalization;
using System.Text;
using Sconce.Files;
using Sconce.Tables;
using Sconce.Video;
using Sconce.Weights;

namespace Sconce.Abilities;

/// <summary>An answer as files. Each kind has one; what is only read (labels, rows) has none.</summary>
public static class AnswerFiles
{
    private const string Lines = ".jsonl";

    /// <summary>The extension of an answer's file, with its dot; empty for a kind without one.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="input">What was asked about: boxes are drawn over a picture.</param>
    public static string ExtensionOf(Answer answer, IInput? input) => answer switch
    {
        MadePicture or MadePictures or Mask => ".png",
        Boxes when input is Picture => ".jpg",
        MadeClip { IsClear: true } => ".webm",
        MadeClip => ".mp4",
        Tracks => ".txt",
        Rows => ".csv",
        Points => ".npy",
        Page => ".html",
        MadeTable => ".csv",
        ToldLines => Lines,
        MadeDrawing => ".svg",
        MadeFile made => made.Extension,
        _ => "",
    };

    /// <summary>The extension of a part that stands beside the file that was named: rows are lines of JSON where that one is.</summary>
    /// <param name="answer">The part.</param>
    /// <param name="input">What was asked about.</param>
    /// <param name="path">The file that was named; null where there is none.</param>
    public static string ExtensionBeside(Answer answer, IInput? input, string? path) =>
        answer is Rows && Path.GetExtension(path) is { } named && named.Equals(Lines, StringComparison.OrdinalIgnoreCase)
            ? Lines : ExtensionOf(answer, input);

    /// <summary>Whether a kind is only written where somebody names a place for it: elsewhere it is read at once.</summary>
    public static bool IsOnlyOnDemand(Answer answer) => answer is Rows or ToldLines;

    /// <summary>Whether a path's extension is one of those that a kind is written as.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="input">What was asked about.</param>
    /// <param name="path">The path.</param>
    public static bool Fits(Answer answer, IInput? input, string path)
    {
        string extension = Path.GetExtension(path).ToLowerInvariant();
        return answer switch
        {
            MadePicture or MadePictures or Mask => InputKind.Picture.Fits(path),
            Boxes when input is Picture => InputKind.Picture.Fits(path),
            MadeClip => InputKind.Clip.Fits(path),
            Tracks => extension is ".txt" or Lines or ".csv",
            Rows => extension is ".csv" or Lines,
            _ => extension == ExtensionOf(answer, input),
        };
    }

    /// <summary>Writes an answer, whole or not at all.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="input">What was asked about.</param>
    /// <param name="path">Where; its extension says the form, among those that the kind has.</param>
    /// <param name="cancellation">Ends a clip.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="VideoException">A clip cannot be written, or the one it is made from cannot be read to its end.</exception>
    /// <exception cref="UsageException">The kind has no file.</exception>
    public static IReadOnlyList<string> Write(Answer answer, IInput? input, string path, CancellationToken cancellation = default)
    {
        switch (answer)
        {
            case MadePicture made:
                made.Picture.Save(path);
                return [path];
            case MadePictures several:
                return Several(several, path, cancellation);
            case Boxes boxes when input is Picture picture:
                BoxDrawing.Over(picture.Image, boxes.Items).Save(path);
                return [path];
            case Mask mask:
                MaskDrawing.Indices(mask).Save(path);
                return [path];
            case MadeClip clip:
                ClipWriter.Save(path, clip.Frames, clip.FrameRate, clip.SoundFrom, cancellation);
                return [path];
            case Points points:
                NpyWriter.Save(path, Array(points.Rows), cancellationToken: cancellation);
                return [path];
            case MadeDrawing drawing:
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(drawing.Svg), cancellation);
                return [path];
            case Page page:
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(page.Html), cancellation);
                return [path];
            case MadeFolder folder:
                foreach (var (within, write) in folder.Files)
                {
                    cancellation.ThrowIfCancellationRequested();
                    string place = Path.Combine(path, within);
                    Directory.CreateDirectory(Path.GetDirectoryName(place)!);
                    write(place);
                }

                return [path];
            case MadeFile file:
                AtomicFile.Write(path, file.Bytes, cancellation);
                return [path];
            case MadeTable made:
                TableWriter.Save(made.Table, path, cancellation);
                return [path];
            case Tracks tracks when Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase):
                return Written(path, AnswerRows.Of(tracks)!, cancellation);
            case Tracks tracks:
                bool isJson = Path.GetExtension(path).Equals(Lines, StringComparison.OrdinalIgnoreCase);
                TrackFile.Save(path, tracks.Items.Select(OfTrack), isJson ? TrackFormat.JsonLines : TrackFormat.Mot);
                return [path];
            case Rows rows when Path.GetExtension(path).Equals(Lines, StringComparison.OrdinalIgnoreCase):
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(AnswerJson.Lines(rows)), cancellation);
                return [path];
            case Rows rows:
                return Written(path, AnswerRows.Of(rows)!, cancellation);
            case ToldLines told:
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(told.Items.Select(line => line + "\n"))), cancellation);
                return [path];
            case MadeText text:
                AtomicFile.Write(path, Encoding.UTF8.GetBytes(text.Text), cancellation);
                return [path];
            default:
                throw new UsageException($"an answer of the kind {answer.GetType().Name} has no file of its own");
        }
    }

    /// <summary>Rows of one length as an array of float32.</summary>
    public static TensorData Array(IReadOnlyList<float[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) throw new UsageException("there is no row to be written");
        return TensorData.Of("rows", Torch.DType.Float32, [rows.Count, rows[0].Length], rows.SelectMany(row => row).ToArray());
    }

    /// <summary>A tracked box as files have it: frames from 1.</summary>
    public static TrackBox OfTrack(TrackedBox item) => new(
        (int)item.Frame + 1, item.Id, item.Box.Left, item.Box.Top, item.Box.Right - item.Box.Left, item.Box.Bottom - item.Box.Top)
    {
        Confidence = item.Box.Confidence,
        Label = item.Box.Class >= 0 ? item.Box.Class : null,
        Name = item.Box.Name,
    };

    private static IReadOnlyList<string> Written(string path, AnswerRows rows, CancellationToken cancellation)
    {
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(rows.Csv()), cancellation);
        return [path];
    }

    /// <summary>The sheet, where there is one, comes first; an end in between leaves what was made, on its sheet too.</summary>
    private static List<string> Several(MadePictures several, string path, CancellationToken cancellation)
    {
        var written = new List<string>();
        var sheet = several.HasSheet ? new PictureSheet(several.Count ?? PictureSheet.Most) : null;
        string digits = new('0', Math.Max(2, $"{several.Count}".Length));
        string stem = Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileNameWithoutExtension(path));
        string extension = Path.GetExtension(path);
        try
        {
            foreach (var picture in several.Items)
            {
                cancellation.ThrowIfCancellationRequested();
                string file = $"{stem}-{(written.Count + 1).ToString(digits, CultureInfo.InvariantCulture)}{extension}";
                picture.Save(file);
                written.Add(file);
                sheet?.Add(picture);
            }
        }
        finally
        {
            if (sheet is { IsEmpty: false }) sheet.Create().Save(path);
        }

        return sheet is null ? written : [path, .. written];
    }
}
