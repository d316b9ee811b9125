namespace Sconce.Abilities;

/// <summary>An answer as it comes: a box, a row, a picture at a time, for faces that show it while it is made.</summary>
public static class AnswerPieces
{
    /// <summary>The pieces in order, each an answer by itself; what is made as it is read is read along with them.</summary>
    /// <param name="answer">The answer.</param>
    public static IEnumerable<IAnswer> Of(IAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        foreach (var (name, part) in answer.Parts)
        {
            foreach (var piece in Of(part)) yield return name.Length > 0 ? new NamedPiece(name, piece) : piece;
        }
    }

    private static IEnumerable<Answer> Of(Answer answer) => answer switch
    {
        Tracks tracks => tracks.Items.Select(item => new Tracks([item])),
        MadePictures pictures => pictures.Items.Select(picture => new MadePicture(picture)),
        Rows rows => rows.Items.Select(row => new Rows(rows.Columns, [row])),
        MadeTable table => Of(new Rows(AnswerRows.Of(table)!.Columns, AnswerRows.Of(table)!.Items)),
        Points points => points.Rows.Select(row => new Points([row])),
        _ => [answer],
    };

    private sealed record NamedPiece(string Name, Answer Piece) : IAnswer
    {
        public IReadOnlyList<(string Name, Answer Part)> Parts => [(Name, Piece)];
    }
}
