using System.Globalization;
using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Changes parameters by their gradients. A step runs outside the tape and frees everything it makes but the optimiser's own state,
/// which belongs to no scope. Parameters without a gradient are left alone.
/// </summary>
/// <remarks>
/// An optimiser of one's own derives from this: it names the tensors that it keeps for each parameter in <see cref="StateNames"/>, and <see
/// cref="Update"/> changes a batch of parameters by their gradients, with <see cref="UpdateBatch.Remembered"/> for what it keeps. Groups,
/// rates, checkpoints and lifetimes come by themselves.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private readonly List<Slot>[] slots;
    private double learningRate;
    private bool disposed;

    /// <summary>Takes the groups.</summary>
    /// <param name="groups">At least one tensor; none twice.</param>
    /// <param name="learningRate">For groups without one of their own.</param>
    /// <exception cref="ArgumentException">No tensors, or one twice, or a tensor that is not a leaf.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative or not a number.</exception>
    protected Optimizer(IEnumerable<ParameterGroup> groups, double learningRate)
    {
        this.learningRate = NotNegative(learningRate, nameof(learningRate));
        Groups = [.. groups];
        slots = new List<Slot>[Groups.Count];
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        int number = 0;
        for (int k = 0; k < slots.Length; k++)
        {
            slots[k] = [];
            foreach (var parameter in Groups[k].Parameters)
            {
                if (!seen.Add(parameter))
                    throw new ArgumentException($"{GetType().Name}: parameter {slots[k].Count} of the group '{Groups[k].Name}' (shape "
                        + $"[{string.Join(", ", parameter.Shape.ToArray())}]) is in two places");
                if (!parameter.IsLeaf)
                    throw new ArgumentException($"{GetType().Name}: parameter {slots[k].Count} of the group '{Groups[k].Name}' is the "
                        + $"result of a recorded operator: only leaves can be optimised");
                slots[k].Add(new Slot(parameter, number++));
            }

            Groups[k].Join(learningRate);
        }

        if (number == 0) throw new ArgumentException($"{GetType().Name}: there are no parameters to optimise");
    }

    /// <summary>The groups, whose learning rates and decays may be changed between steps.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>The learning rate; setting gives every group its <see cref="ParameterGroup.RateFactor"/> of it.</summary>
    public double LearningRate
    {
        get => learningRate;
        set
        {
            learningRate = NotNegative(value, nameof(value));
            foreach (var group in Groups) group.LearningRate = value * group.RateFactor;
        }
    }

    /// <summary>
    /// The names of the tensors kept for each parameter, as PyTorch's state has them: <c>exp_avg</c>. Names that were never remembered may
    /// be among them.
    /// </summary>
    protected internal abstract ReadOnlySpan<string> StateNames { get; }

    /// <summary>
    /// Whether a tensor that is kept has its parameter's shape and type, as <see cref="Load"/> then demands; true where left out.
    /// </summary>
    /// <param name="name">One of <see cref="StateNames"/>.</param>
    protected virtual bool IsShapedAsParameter(string name) => true;

    /// <summary>Changes every parameter that has a gradient.</summary>
    public void Step()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var noGrad = Gradients.Off();
        for (int k = 0; k < slots.Length; k++)
        {
            int next = 0;
            while (next < slots[k].Count)
            {
                using var scope = new TensorScope();
                var batch = UpdateBatch.Gather(slots[k], ref next);
                if (batch is null) continue;
                foreach (var slot in batch.Slots) slot.Steps++;
                Update(Groups[k], batch);
            }
        }

        Steps++;
    }

    /// <summary>Forgets every gradient.</summary>
    public void ZeroGrad()
    {
        foreach (var group in Groups)
        {
            foreach (var parameter in group.Parameters) parameter.Grad = null;
        }
    }

    /// <summary>Forgets what it keeps of past gradients and how many steps it took, as if it were new; groups and rates stay.</summary>
    public void Restart()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        foreach (var slot in slots.SelectMany(group => group))
        {
            slot.Dispose();
            slot.Steps = 0;
        }

        Steps = 0;
    }

    /// <summary>What a checkpoint needs for training to go on exactly.</summary>
    public TrainingState State()
    {
        var tensors = new Dictionary<string, Tensor>();
        var numbers = new Dictionary<string, double> { ["steps"] = Steps, ["learning_rate"] = learningRate };
        for (int k = 0; k < slots.Length; k++)
        {
            numbers[Invariant($"groups.{k}.learning_rate")] = Groups[k].LearningRate;
            numbers[Invariant($"groups.{k}.rate_factor")] = Groups[k].RateFactor;
            if (Groups[k].WeightDecay is { } decay) numbers[Invariant($"groups.{k}.weight_decay")] = decay;
            foreach (var slot in slots[k])
            {
                numbers[Invariant($"state.{slot.Number}.step")] = slot.Steps;
                foreach (var (name, tensor) in slot.Tensors) tensors[Invariant($"state.{slot.Number}.{name}")] = tensor;
            }
        }

        return new TrainingState(tensors, numbers);
    }

    /// <summary>Takes over a state that <see cref="State"/> gave for the same groups; its tensors are copied.</summary>
    /// <exception cref="ArgumentException">Keys are missing or unexpected, or shapes differ; nothing was changed.</exception>
    public void Load(TrainingState state)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var expected = new Dictionary<string, Tensor?>();
        var numbers = new List<string> { "steps", "learning_rate" };
        for (int k = 0; k < slots.Length; k++)
        {
            numbers.Add(Invariant($"groups.{k}.learning_rate"));
            foreach (var slot in slots[k])
            {
                numbers.Add(Invariant($"state.{slot.Number}.step"));
                foreach (string name in StateNames)
                    expected[Invariant($"state.{slot.Number}.{name}")] = IsShapedAsParameter(name) ? slot.Parameter : null;
            }
        }

        state.Verify(GetType().Name, expected, numbers);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Steps = (long)state.Numbers["steps"];
        learningRate = state.Numbers["learning_rate"];
        for (int k = 0; k < slots.Length; k++)
        {
            Groups[k].LearningRate = state.Numbers[Invariant($"groups.{k}.learning_rate")];
            if (state.Numbers.TryGetValue(Invariant($"groups.{k}.rate_factor"), out double factor)) Groups[k].RateFactor = factor;
            Groups[k].WeightDecay = state.Numbers.TryGetValue(Invariant($"groups.{k}.weight_decay"), out double decay) ? decay : null;
            foreach (var slot in slots[k])
            {
                slot.Steps = (long)state.Numbers[Invariant($"state.{slot.Number}.step")];
                var copies = new Dictionary<string, Tensor>();
                foreach (string name in StateNames)
                {
                    if (!state.Tensors.TryGetValue(Invariant($"state.{slot.Number}.{name}"), out var tensor)) continue;
                    copies[name] = tensor.To(slot.Parameter.Device, IsShapedAsParameter(name)
                        ? slot.Parameter.DType : tensor.DType).Clone();
                }

                slot.Dispose();
                foreach (var (name, copy) in copies) slot.Tensors[name] = scope.KeepForever(copy);
            }
        }
    }

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        foreach (var group in slots) group.ForEach(slot => slot.Dispose());
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes some of a group's parameters by their gradients, inside a scope and outside the tape.</summary>
    /// <param name="group">Whose learning rate and weight decay count (<see cref="ParameterGroup.LearningRate"/>, <see
    /// cref="ParameterGroup.DecayOr"/>).</param>
    /// <param name="batch">Parameters, gradients, and what is remembered. All parameters with a gradient come in one batch or another of a
    /// step.</param>
    protected abstract void Update(ParameterGroup group, UpdateBatch batch);

    /// <summary>Refuses a negative number.</summary>
    protected static double NotNegative(double value, string name) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, "it must not be negative");

    /// <summary>Refuses a number outside [0, 1).</summary>
    protected static double Fraction(double value, string name) =>
        value is >= 0 and < 1 ? value : throw new ArgumentOutOfRangeException(name, value, "it must lie in [0, 1)");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
