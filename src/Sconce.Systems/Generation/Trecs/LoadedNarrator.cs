using Sconce.Data;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>A run's three networks with the scenes that they compose of.</summary>
internal sealed class LoadedNarrator : IDisposable
{
    /// <summary>Loads them.</summary>
    /// <param name="weights">The checkpoint, which holds what the networks were built for, or whose run keeps it beside.</param>
    /// <param name="known">Places of the scenes whose masks are taken; all of them where left out.</param>
    /// <exception cref="DataException">The scenes are gone or damaged.</exception>
    public LoadedNarrator(string weights, Func<int, int[]>? known = null)
    {
        var contract = TrecsContract.Read(weights);
        World = contract.World();
        Model = new TrecsModel(new WordNumbers(contract.Words).Count, contract.Labels, contract.Side, contract.Length);
        try
        {
            ModelWeights.Load(Model, weights);
            Model.Eval();
            int count = World.Scenes.Count;
            Composer = new GroundedComposer(Model, World, contract.Words, known?.Invoke(count) ?? [.. Enumerable.Range(0, count)]);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    public TrecsModel Model { get; }

    public TrecsWorld World { get; }

    public GroundedComposer Composer { get; }

    public void Dispose()
    {
        Composer.Dispose();
        Model.Dispose();
    }
}
