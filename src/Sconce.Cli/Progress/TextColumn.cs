using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sconce.Cli.Progress;

/// <summary>A column of a progress bar that shows a plain text.</summary>
internal sealed class TextColumn : ProgressColumn
{
    private volatile string text = "";

    /// <summary>What it shows.</summary>
    public string Text
    {
        get => text;
        set => text = value;
    }

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(text, Columns.Quiet) { Overflow = Overflow.Ellipsis };
}
