using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>A second set of a module's weights, averaged over training. It copies the module's weights when it is made.</summary>
public abstract class WeightAverage : IDisposable
{
    private readonly Tensor[] averaged;
    private readonly Tensor[] sources;
    private readonly (string Name, Tensor Source, Tensor Average)[] entries;
    private readonly (Tensor Source, Tensor Average)[] copied;
    private bool disposed;

    /// <summary>Copies the module's parameters and buffers.</summary>
    /// <param name="module">Whose weights; it must outlive the average.</param>
    /// <param name="averageBuffers">Whether floating-point buffers (running statistics) are averaged too; otherwise they are
    /// copied.</param>
    private protected WeightAverage(Module module, bool averageBuffers)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        var list = new List<(string Name, Tensor Source, Tensor Average)>();
        foreach (var entry in module.StateDict())
        {
            if (seen.Add(entry.Tensor)) list.Add((entry.Name, entry.Tensor, scope.KeepForever(entry.Tensor.Detach().Clone())));
        }

        entries = [.. list];
        bool IsAveraged(Tensor source) => source.DType.IsFloatingPoint() && (averageBuffers || source is Parameter);
        averaged = [.. entries.Where(entry => IsAveraged(entry.Source)).Select(entry => entry.Average)];
        sources = [.. entries.Where(entry => IsAveraged(entry.Source)).Select(entry => entry.Source)];
        copied = [.. entries.Where(entry => !IsAveraged(entry.Source)).Select(entry => (entry.Source, entry.Average))];
    }

    /// <summary>How often the average was updated.</summary>
    public long Updates { get; private set; }

    /// <summary>The averages under the module's names; they change with the next update.</summary>
    public IReadOnlyList<StateEntry> Weights => [.. entries.Select(entry => new StateEntry(entry.Name, entry.Average))];

    /// <summary>What the new weights count in the update of that number (from 0).</summary>
    private protected abstract double Share(long update);

    /// <summary>Takes the module's present weights into the average: <c>a += share · (w − a)</c>.</summary>
    public void Update()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        double share = Share(Updates);
        Tensor.ForeachMulInPlace(averaged, 1 - share);
        Tensor.ForeachAddInPlace(averaged, sources, share);
        foreach (var (source, average) in copied) average.CopyInPlace(source);
        Updates++;
    }

    /// <summary>Begins anew from the module's present weights.</summary>
    public void Restart()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var noGrad = Gradients.Off();
        foreach (var (_, source, average) in entries) average.CopyInPlace(source);
        Updates = 0;
    }

    /// <summary>Writes the averages into a module of the same names and shapes, such as a second network built for evaluation.</summary>
    /// <exception cref="ArgumentException">A name is missing, or a shape differs; nothing was written.</exception>
    public void CopyTo(Module target)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var theirs = target.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        var faults = entries.Where(entry => !theirs.TryGetValue(entry.Name, out var tensor)
            || !tensor.Shape.SequenceEqual(entry.Average.Shape)).Select(entry => entry.Name).ToList();
        if (faults.Count > 0)
            throw new ArgumentException($"the average does not fit the {target.GetType().Name}: missing there, or of another shape: "
                + $"{string.Join(", ", faults.Take(12))}");
        using var noGrad = Gradients.Off();
        foreach (var entry in entries) theirs[entry.Name].CopyInPlace(entry.Average);
    }

    /// <summary>
    /// Puts the averages into the module itself until the result is disposed, which puts its own weights back. Nothing is copied. Do not
    /// update or train in between.
    /// </summary>
    public IDisposable Applied()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new Exchange(this);
    }

    /// <summary>What a checkpoint needs.</summary>
    public TrainingState State() =>
        new(entries.ToDictionary(entry => entry.Name, entry => entry.Average), new Dictionary<string, double> { ["updates"] = Updates });

    /// <summary>Takes over a state that <see cref="State"/> gave for the same module; its tensors are copied.</summary>
    /// <exception cref="ArgumentException">Keys are missing or unexpected, or shapes differ; nothing was changed.</exception>
    public void Load(TrainingState state)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        state.Verify(GetType().Name, entries.ToDictionary(entry => entry.Name, entry => (Tensor?)entry.Average), ["updates"]);
        var missing = entries.Where(entry => !state.Tensors.ContainsKey(entry.Name)).Select(entry => entry.Name).ToList();
        if (missing.Count > 0)
            throw new ArgumentException($"{GetType().Name}: the state does not fit and was not loaded: missing "
                + $"{string.Join(", ", missing.Take(12))}");
        using var noGrad = Gradients.Off();
        foreach (var entry in entries) entry.Average.CopyInPlace(state.Tensors[entry.Name]);
        Updates = (long)state.Numbers["updates"];
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        foreach (var entry in entries) entry.Average.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Swap()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var (_, source, average) in entries)
        {
            var own = source.Detach();
            source.SetData(average);
            average.SetData(own);
        }
    }

    private sealed class Exchange : IDisposable
    {
        private WeightAverage? average;

        internal Exchange(WeightAverage average)
        {
            this.average = average;
            average.Swap();
        }

        public void Dispose() => Interlocked.Exchange(ref average, null)?.Swap();
    }
}

/// <summary>An exponential moving average: <c>a = decay · a + (1 − decay) · w</c>.</summary>
public sealed class ExponentialMovingAverage : WeightAverage
{
    private readonly Func<long, double> decays;

    /// <summary>One decay, or one that warms up.</summary>
    /// <param name="module">Whose weights.</param>
    /// <param name="decay">In [0, 1].</param>
    /// <param name="warmUp">Whether update t (from 0) uses <c>min(decay, (1 + t) / (10 + t))</c>, as TensorFlow's average does.</param>
    /// <param name="averageBuffers">Whether running statistics are averaged too, as timm does; otherwise they are copied.</param>
    public ExponentialMovingAverage(Module module, double decay = 0.9999, bool warmUp = false, bool averageBuffers = false)
        : this(module, Decays(decay, warmUp), averageBuffers)
    {
    }

    /// <summary>A decay of each update, such as StyleGAN's half-life that grows with the run.</summary>
    /// <param name="module">Whose weights.</param>
    /// <param name="decays">In [0, 1], of updates counted from 0.</param>
    /// <param name="averageBuffers">Whether running statistics are averaged too; otherwise they are copied.</param>
    public ExponentialMovingAverage(Module module, Func<long, double> decays, bool averageBuffers = false)
        : base(module, averageBuffers) => this.decays = decays;

    /// <summary>The decay of an update, which counts from 0.</summary>
    public double DecayAt(long update) => decays(update);

    /// <inheritdoc/>
    private protected override double Share(long update) => 1 - DecayAt(update);

    private static Func<long, double> Decays(double decay, bool warmUp)
    {
        if (decay is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "it must lie in [0, 1]");
        return warmUp ? update => Math.Min(decay, (1.0 + update) / (10 + update)) : _ => decay;
    }
}

/// <summary>
/// Stochastic weight averaging: the plain mean of the weights at every update; the weights at construction do not count. 1803.05407.
/// Batch norms need their statistics computed again afterwards.
/// </summary>
/// <param name="module">Whose weights.</param>
/// <param name="averageBuffers">Whether running statistics are averaged too; otherwise they are copied.</param>
public sealed class StochasticWeightAverage(Module module, bool averageBuffers = false) : WeightAverage(module, averageBuffers)
{
    /// <inheritdoc/>
    private protected override double Share(long update) => 1.0 / (update + 1);
}
