using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>How the number of weights that fall in a round is counted.</summary>
public enum PruningRule
{
    /// <summary>Exactly <c>round(fraction · remaining)</c>: the generator's (torch.nn.utils.prune).</summary>
    Count,

    /// <summary>All up to the weight of rank <c>⌊fraction · remaining⌋</c>, itself too, so one more: the discriminator's.</summary>
    Threshold,
}

/// <summary>
/// Which weights of a network are left: masks of zeros and ones, one for each convolution, which fall by magnitude over all of them
/// together. 2103.00397 §3.2; VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7 SNGAN/train_impgd.py, utils/utils.py.
/// </summary>
public sealed class TicketMasks : IDisposable
{
    private readonly (string Name, Parameter Weight, Tensor Mask)[] entries;

    /// <summary>Nothing pruned yet.</summary>
    /// <param name="weights">What can be pruned, under its name; see <see cref="Convolutions"/>.</param>
    /// <exception cref="ArgumentException">There is nothing to prune.</exception>
    public TicketMasks(IEnumerable<(string Name, Parameter Weight)> weights)
    {
        using var scope = new TensorScope();
        entries = [.. weights.Select(entry => (entry.Name, entry.Weight, entry.Weight.Detach().OnesLike().Hold()))];
        if (entries.Length == 0) throw new ArgumentException("pruning: the network has no convolution", nameof(weights));
    }

    /// <summary>The masks under the names of their weights; borrowed.</summary>
    public IEnumerable<(string Name, Tensor Mask)> Masks => entries.Select(entry => (entry.Name, entry.Mask));

    /// <summary>Weights that can be pruned.</summary>
    public long Total => entries.Sum(entry => entry.Mask.Elements);

    /// <summary>Weights that are left.</summary>
    public long Remaining => Kept.Sum();

    /// <summary>Weights that are left in each convolution.</summary>
    public IReadOnlyList<long> Kept
    {
        get
        {
            using var scope = new TensorScope();
            return [.. entries.Select(entry => (long)entry.Mask.Sum().Item<double>())];
        }
    }

    /// <summary>
    /// The weights of all two-dimensional convolutions, modulated ones and those under a spectral norm too; linear layers, biases and norms
    /// are never pruned.
    /// </summary>
    public static IEnumerable<(string Name, Parameter Weight)> Convolutions(Module network) =>
        network.NamedParameters()
            .Where(named => IsConvolution(named.Name, named.Parameter.Dimensions))
            .Select(named => (named.Name, named.Parameter));

    /// <summary>Whether a name and a number of dimensions are those of such a weight.</summary>
    public static bool IsConvolution(string name, int dimensions) =>
        dimensions is 4 or 5 && name.Split('.')[^1] is ("weight" or "weight_orig");

    /// <summary>Lets the smallest of the weights that are left fall, over all convolutions together.</summary>
    /// <param name="fraction">Their share, in [0, 1).</param>
    /// <param name="rule">How they are counted.</param>
    /// <returns>The largest magnitude that fell; 0 where none did.</returns>
    public double Prune(double fraction, PruningRule rule)
    {
        if (fraction is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "pruning: a share from 0, and below 1");
        }
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var magnitudes = Tensor.Cat([.. entries.Select(entry => Magnitudes(entry.Weight, entry.Mask))], 0);
        var (sorted, places) = magnitudes.Sort(stable: true);
        long gone = Total - Remaining, remaining = Remaining; // what fell before lies in front, below every magnitude
        if (rule == PruningRule.Threshold)
        {
            double threshold = sorted[gone + (long)(fraction * remaining)].Item<double>();
            foreach (var entry in entries) entry.Mask.MulInPlace((entry.Weight.Abs() > threshold).To(entry.Mask.DType));
            return threshold;
        }

        long falling = (long)Math.Round(fraction * remaining);
        var kept = Tensor.Ones([Total], DType.Float32);
        kept.ScatterInPlace(0, places[..(int)(gone + falling)], 0);
        long first = 0;
        foreach (var entry in entries)
        {
            entry.Mask.CopyInPlace(kept.Narrow(0, first, entry.Mask.Elements).Reshape(entry.Mask.Shape));
            first += entry.Mask.Elements;
        }

        return falling == 0 ? 0 : sorted[gone + falling - 1].Item<double>();
    }

    /// <summary>Sets pruned weights to zero. After every step of an optimiser: its momentum moves them otherwise.</summary>
    public void Apply()
    {
        using var noGrad = Gradients.Off();
        foreach (var entry in entries) entry.Weight.MulInPlace(entry.Mask);
    }

    /// <summary>Sets the gradients of pruned weights to zero.</summary>
    public void ApplyToGradients()
    {
        using var noGrad = Gradients.Off();
        foreach (var entry in entries) entry.Weight.Grad?.MulInPlace(entry.Mask);
    }

    /// <summary>The names of weights that are not zero where their mask is: none in a sound ticket.</summary>
    public IReadOnlyList<string> Broken()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return [.. entries.Where(entry => (entry.Weight * (1 - entry.Mask)).Ne(0).Any().Item<bool>()).Select(entry => entry.Name)];
    }

    /// <summary>What a checkpoint needs: the masks, apart from the weights.</summary>
    public TrainingState State() => new(entries.ToDictionary(entry => entry.Name, entry => entry.Mask), new Dictionary<string, double>());

    /// <summary>Takes over masks that <see cref="State"/> gave for the same network; they are copied.</summary>
    /// <exception cref="ArgumentException">They are another network's; nothing was changed.</exception>
    public void Load(TrainingState state)
    {
        bool Fits(string name, Tensor mask) => state.Tensors.TryGetValue(name, out var other) && other.Shape.SequenceEqual(mask.Shape);
        var misfits = entries.Where(entry => !Fits(entry.Name, entry.Mask)).Select(entry => entry.Name).ToList();
        if (misfits.Count > 0)
        {
            throw new ArgumentException(
                $"pruning: the masks are another network's; missing, or of another shape: {string.Join(", ", misfits.Take(12))}");
        }
        using var noGrad = Gradients.Off();
        foreach (var entry in entries) entry.Mask.CopyInPlace(state.Tensors[entry.Name]);
    }

    /// <summary>Frees the masks.</summary>
    public void Dispose()
    {
        foreach (var entry in entries) entry.Mask.Dispose();
    }

    /// <summary>|w|, and −1 where the mask is zero.</summary>
    private static Tensor Magnitudes(Tensor weight, Tensor mask) =>
        Functional.Where(mask > 0, weight.Abs(), -mask.OnesLike()).Reshape([-1]);
}

/// <summary>
/// A network's whole state at one moment, to which a ticket is wound back: its first weights, or those after a few steps.
/// </summary>
public sealed class RewindPoint : IDisposable
{
    private readonly (string Name, Tensor Value)[] values;

    /// <summary>Copies the state.</summary>
    public RewindPoint(Module network)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        values = [.. network.StateDict().Select(entry => (entry.Name, entry.Tensor.Detach().Clone().Hold()))];
    }

    /// <summary>Writes the state back, and sets what the masks leave out to zero.</summary>
    public void Restore(Module network, TicketMasks? masks = null)
    {
        using var noGrad = Gradients.Off();
        var state = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach (var (name, value) in values) state[name].CopyInPlace(value);
        masks?.Apply();
    }

    /// <summary>What a checkpoint needs.</summary>
    public TrainingState State() => new(values.ToDictionary(value => value.Name, value => value.Value), new Dictionary<string, double>());

    /// <summary>Takes over a state that <see cref="State"/> gave for the same network.</summary>
    /// <exception cref="ArgumentException">It is another network's; nothing was changed.</exception>
    public void Load(TrainingState state)
    {
        bool Fits(string name, Tensor value) => state.Tensors.TryGetValue(name, out var other) && other.Shape.SequenceEqual(value.Shape);
        var misfits = values.Where(value => !Fits(value.Name, value.Value)).Select(value => value.Name).ToList();
        if (misfits.Count > 0)
        {
            throw new ArgumentException(
                $"rewinding: the state is another network's; missing, or of another shape: {string.Join(", ", misfits.Take(12))}");
        }
        using var noGrad = Gradients.Off();
        foreach (var (name, value) in values) value.CopyInPlace(state.Tensors[name]);
    }

    /// <summary>Frees the copy.</summary>
    public void Dispose()
    {
        foreach (var (_, value) in values) value.Dispose();
    }
}
