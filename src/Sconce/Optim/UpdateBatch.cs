using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>One parameter of an optimiser and what is remembered about it.</summary>
internal sealed class Slot(Tensor parameter, int number) : IDisposable
{
    internal Tensor Parameter => parameter;

    internal int Number => number;

    /// <summary>How many steps changed this parameter.</summary>
    internal long Steps { get; set; }

    internal Dictionary<string, Tensor> Tensors { get; } = [];

    public void Dispose()
    {
        foreach (var tensor in Tensors.Values) tensor.Dispose();
        Tensors.Clear();
    }
}

/// <summary>
/// Parameters that are changed together, one operator for all of them. On the processor a batch ends after a quarter of a million
/// numbers, so that what one operator wrote is still in the cache for the next, and temporaries stay small; a GPU takes more at once.
/// What an <see cref="Optimizer"/> gets to change them.
/// </summary>
public sealed class UpdateBatch
{
    private const long ProcessorLimit = 1 << 18;
    private const long DeviceLimit = 1 << 26;

    private UpdateBatch(List<Slot> slots, List<Tensor> gradients)
    {
        Slots = slots;
        Gradients = [.. gradients];
        Parameters = new Tensor[slots.Count];
        for (int k = 0; k < slots.Count; k++) Parameters[k] = slots[k].Parameter;
    }

    internal List<Slot> Slots { get; }

    /// <summary>The parameters, to be changed in place.</summary>
    public Tensor[] Parameters { get; }

    /// <summary>The gradient of each, borrowed from the parameters: not to be written into.</summary>
    public Tensor[] Gradients { get; }

    /// <summary>How many steps have changed a parameter, this one included.</summary>
    /// <param name="index">In <see cref="Parameters"/>.</param>
    public long Steps(int index) => Slots[index].Steps;

    /// <summary>Whether something is remembered under a name.</summary>
    /// <param name="index">In <see cref="Parameters"/>.</param>
    /// <param name="name">One of <see cref="Optimizer.StateNames"/>.</param>
    public bool Remembers(int index, string name) => Slots[index].Tensors.ContainsKey(name);

    /// <summary>The next parameters that have a gradient, or null where none is left.</summary>
    internal static UpdateBatch? Gather(List<Slot> slots, ref int next)
    {
        var chosen = new List<Slot>();
        var gradients = new List<Tensor>();
        long elements = 0;
        for (; next < slots.Count; next++)
        {
            if (slots[next].Parameter.Grad is not { } gradient) continue;
            long size = gradient.Elements;
            long limit = gradient.Device.Type == DeviceType.Cpu ? ProcessorLimit : DeviceLimit;
            if (chosen.Count > 0 && elements + size > limit)
            {
                gradient.Dispose();
                break;
            }

            chosen.Add(slots[next]);
            gradients.Add(gradient);
            elements += size;
        }

        return chosen.Count > 0 ? new UpdateBatch(chosen, gradients) : null;
    }

    /// <summary>
    /// The remembered tensors of that name, to be changed in place; where there is none yet, zeros (or another number) of the parameter's
    /// shape.
    /// </summary>
    /// <param name="name">One of <see cref="Optimizer.StateNames"/>.</param>
    /// <param name="initial">What a new one is filled with.</param>
    public Tensor[] Remembered(string name, double initial = 0)
    {
        var tensors = new Tensor[Slots.Count];
        for (int k = 0; k < tensors.Length; k++)
        {
            if (!Slots[k].Tensors.TryGetValue(name, out var tensor))
            {
                tensor = initial == 0 ? Parameters[k].ZerosLike() : Parameters[k].FullLike(initial);
                Remember(k, name, tensor);
            }

            tensors[k] = tensor;
        }

        return tensors;
    }

    /// <summary>Keeps a fresh tensor beyond this step, in place of the one before.</summary>
    /// <param name="index">In <see cref="Parameters"/>.</param>
    /// <param name="name">One of <see cref="Optimizer.StateNames"/>.</param>
    /// <param name="fresh">Belongs to the optimiser from then on.</param>
    public void Remember(int index, string name, Tensor fresh)
    {
        using var scope = new TensorScope();
        if (Slots[index].Tensors.Remove(name, out var before)) before.Dispose();
        Slots[index].Tensors.Add(name, scope.KeepForever(fresh));
    }

    /// <summary>One number a parameter, computed from the steps it has seen, this one included.</summary>
    /// <param name="number">Of the steps: a bias correction, say.</param>
    public Scalar[] PerStep(Func<long, double> number)
    {
        var numbers = new Scalar[Slots.Count];
        for (int k = 0; k < numbers.Length; k++) numbers[k] = number(Slots[k].Steps);
        return numbers;
    }

    /// <summary>Gradients with L2 weight decay added: <c>g + decay · p</c>; the gradients themselves where it is zero.</summary>
    /// <param name="decay">Of the group: <see cref="ParameterGroup.DecayOr"/>.</param>
    public Tensor[] Decayed(double decay) => decay == 0 ? Gradients : Tensor.ForeachAdd(Gradients, Parameters, decay);
}
