using Sconce.Export;
using Sconce.Networks;
using Sconce.Nn;

namespace Sconce.Cli.Commands;

/// <summary>A network that is to be written, as it was asked for.</summary>
/// <param name="Variant">Which.</param>
/// <param name="Size">Of pictures, where it is not the official one.</param>
/// <param name="Format">A word of <c>--to</c>.</param>
/// <param name="Weights">Its checkpoint; null for a network as it begins.</param>
/// <param name="Output">What was typed as <c>--out</c>.</param>
/// <param name="Model">What it is built for.</param>
/// <param name="Options">How it is written.</param>
internal sealed record ExportRequest(ModelVariant Variant, PictureSize? Size, string Format, string? Weights, string? Output,
    ModelOptions Model, ExportOptions Options)
{
    /// <summary>The network with its weights, in evaluation.</summary>
    public Module Build(IProgress<WorkProgress> progress)
    {
        progress.Report(new WorkProgress("building", 0, 0));
        var unset = Weights is null ? null : Init.Skipped();
        var module = Create();
        unset?.Dispose();
        if (Weights is { } weights) Variant.Load(module, weights);
        module.Eval();
        return module;
    }

    /// <summary>Says so where there are no weights.</summary>
    public void NoteUntrained(Terminal terminal)
    {
        if (Weights is null) terminal.Note("no weights were named: the network is as it begins, untrained (--weights FILE)");
    }

    private Module Create()
    {
        try
        {
            return Variant.Create(Model);
        }
        catch (ArgumentException fault) when (Model.ImageSize is not null)
        {
            throw new UsageException($"--size {Size}: {Variant.Name} cannot be built for it: {fault.Message}");
        }
    }
}
