using Sconce.Data;
using Sconce.Imaging;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>A trained generator with the sub-trees that its tokens stand for.</summary>
internal sealed class LoadedWriter : IDisposable
{
    /// <summary>Loads both.</summary>
    /// <param name="form">Of the generator.</param>
    /// <param name="weights">The checkpoint, which holds the sub-trees, or whose run keeps them beside it.</param>
    /// <exception cref="DataException">There are no sub-trees, or they are damaged.</exception>
    /// <exception cref="CheckpointException">The weights are of another vocabulary.</exception>
    public LoadedWriter(ScreenWriter form, string weights)
    {
        (Library, Pictures) = ScreenLibrary.Read(weights);
        Generator = new SubtreeGenerator(Library.Vocabulary.Count, form.Width, form.Hidden);
        try
        {
            ModelWeights.Load(Generator, weights);
        }
        catch
        {
            Generator.Dispose();
            throw;
        }

        Generator.Eval();
    }

    public SubtreeGenerator Generator { get; }

    public ScreenLibrary Library { get; }

    /// <summary>Of each sub-tree.</summary>
    public IReadOnlyList<Image> Pictures { get; }

    public void Dispose() => Generator.Dispose();
}
