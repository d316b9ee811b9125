using System.Text;
using Spectre.Console.Rendering;

namespace Sconce.Cli;

/// <summary>Writes what a terminal may be given (<see cref="Printable"/>), a text at a time.</summary>
internal sealed class CleanWriter : TextWriter
{
    private readonly TextWriter inner;

    public CleanWriter(TextWriter inner)
    {
        this.inner = inner;
        CoreNewLine = inner.NewLine.ToCharArray();
    }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        // Half of a pair comes before its other half: both were looked at as a text, or neither can be.
        if (char.IsSurrogate(value)) inner.Write(value);
        else inner.Write(Printable.Text(value.ToString()));
    }

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(Printable.Text(value ?? ""));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(new string(buffer));

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        Write(value);
        inner.Write(CoreNewLine);
    }

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();
}

/// <summary>Does the same with what Spectre.Console draws; its own control sequences pass.</summary>
internal sealed class CleanRendering : IRenderHook
{
    /// <inheritdoc/>
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) =>
        renderables.Select(content => new Cleaned(content));

    private sealed class Cleaned(IRenderable content) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => content.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => content.Render(options, maxWidth)
            .Select(part => part.IsControlCode || Printable.Text(part.Text) == part.Text ? part
                : new Segment(Printable.Text(part.Text), part.Style));
    }
}
