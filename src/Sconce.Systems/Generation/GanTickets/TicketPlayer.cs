using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>One network of a search: what is left of it, and where it is wound back to.</summary>
internal sealed class TicketPlayer : IDisposable
{
    private readonly Module network;
    private readonly PruningRule rule;
    private readonly TicketMasks masks;
    private RewindPoint point;

    /// <summary>Remembers the network as it is.</summary>
    public TicketPlayer(Module network, PruningRule rule)
    {
        (this.network, this.rule) = (network, rule);
        masks = new TicketMasks(TicketMasks.Convolutions(network));
        point = new RewindPoint(network);
    }

    /// <summary>The share of the convolutions' weights that is left.</summary>
    public double Left => (double)masks.Remaining / masks.Total;

    /// <summary>The masks.</summary>
    public TicketMasks Masks => masks;

    /// <summary>Lets weights fall, and winds the others back: to where the network was remembered, or to another one's weights.</summary>
    public void Draw(double fraction, Module? other)
    {
        if (fraction > 0) masks.Prune(fraction, rule);
        if (other is null)
        {
            point.Restore(network, masks);
            return;
        }

        using var drawn = new RewindPoint(other);
        drawn.Restore(network, masks);
    }

    /// <summary>Remembers the network as it is now.</summary>
    public void Remember()
    {
        point.Dispose();
        point = new RewindPoint(network);
    }

    /// <summary>Adds masks and remembered weights, apart from each other.</summary>
    public void Save(SavedState state)
    {
        Put(state.New("masks"), masks.State());
        Put(state.New("rewind"), point.State());
    }

    /// <summary>Takes them over.</summary>
    public void Load(SavedState state)
    {
        using var scope = new TensorScope();
        masks.Load(Tensors(state.Part("masks")));
        point.Load(Tensors(state.Part("rewind")));
    }

    public void Dispose()
    {
        masks.Dispose();
        point.Dispose();
    }

    private static void Put(SavedState part, TrainingState known)
    {
        foreach (var (name, tensor) in known.Tensors) part.Set(name, tensor);
    }

    private static TrainingState Tensors(SavedState part) =>
        new(part.Names.ToDictionary(name => name, name => part.Tensor(name)), new Dictionary<string, double>());
}
