using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>
/// Something whose state lies in a run's checkpoint beside the weights: a program, a replay buffer, an environment, a learner without
/// gradients.
/// </summary>
public interface ISavedState
{
    /// <summary>Writes everything that is needed to go on exactly.</summary>
    /// <param name="state">Empty; tensors put into it are borrowed until the checkpoint is written.</param>
    void Save(SavedState state);

    /// <summary>
    /// Takes over what <see cref="Save"/> wrote. Read everything before anything is changed, so that a state that does not fit changes
    /// nothing.
    /// </summary>
    /// <param name="state">Its tensors belong to the scope around the call: copy or keep them.</param>
    /// <exception cref="ArgumentException">The state is of something else; the message says what differs.</exception>
    void Load(SavedState state);
}

/// <summary>
/// Named tensors, numbers, texts, and parts that hold such again. In a file it is a dictionary that <c>torch.load</c> reads, with
/// <c>weights_only=True</c> too.
/// </summary>
public sealed class SavedState
{
    private readonly OrderedDictionary<string, object?> values = [];

    /// <summary>The names, in order.</summary>
    public IReadOnlyCollection<string> Names => values.Keys;

    /// <summary>Whether there is a value of that name.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Puts a tensor in, which is borrowed.</summary>
    public SavedState Set(string name, Tensor value) => Put(name, value);

    /// <summary>Puts a number in.</summary>
    public SavedState Set(string name, double value) => Put(name, value);

    /// <summary>Puts a whole number in.</summary>
    public SavedState Set(string name, long value) => Put(name, value);

    /// <summary>Puts a truth value in.</summary>
    public SavedState Set(string name, bool value) => Put(name, value);

    /// <summary>Puts a text in.</summary>
    public SavedState Set(string name, string value) => Put(name, value);

    /// <summary>Puts bytes in, such as a serialised structure; they are kept as a tensor of bytes.</summary>
    public SavedState Set(string name, ReadOnlySpan<byte> value) => Put(name, value.ToArray());

    /// <summary>Puts a generator's state in.</summary>
    public SavedState Set(string name, Generator value) => Put(name, value.State);

    /// <summary>Puts in what something else saves, as a part.</summary>
    public SavedState Set(string name, ISavedState value)
    {
        value.Save(New(name));
        return this;
    }

    /// <summary>Adds an empty part.</summary>
    public SavedState New(string name)
    {
        var part = new SavedState();
        Put(name, part);
        return part;
    }

    /// <summary>A tensor.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public Tensor Tensor(string name) => Value(name) switch
    {
        Tensor tensor => tensor,
        CheckpointTensor stored => ModelWeights.ToTensor(stored),
        var other => throw Wrong(name, "a tensor", other),
    };

    /// <summary>A tensor of a shape that is known.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or it has another shape.</exception>
    public Tensor Tensor(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = Tensor(name);
        if (tensor.Shape.SequenceEqual(shape)) return tensor;
        throw new ArgumentException($"'{name}' has the shape [{string.Join(", ", tensor.Shape.ToArray())}], where "
            + $"[{string.Join(", ", shape.ToArray())}] is wanted");
    }

    /// <summary>A number, whole or not.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public double Number(string name) => Value(name) switch
    {
        double number => number,
        long number => number,
        var other => throw Wrong(name, "a number", other),
    };

    /// <summary>A whole number.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public long Count(string name) => Value(name) is long number ? number : throw Wrong(name, "a whole number", Value(name));

    /// <summary>A truth value.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public bool Flag(string name) => Value(name) is bool flag ? flag : throw Wrong(name, "a truth value", Value(name));

    /// <summary>A text.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public string Text(string name) => Value(name) as string ?? throw Wrong(name, "a text", Value(name));

    /// <summary>Bytes.</summary>
    /// <exception cref="ArgumentException">There are none of that name.</exception>
    public byte[] Bytes(string name) => Value(name) switch
    {
        byte[] bytes => bytes,
        CheckpointTensor { DType: DType.UInt8 } stored => stored.ToArray<byte>(),
        var other => throw Wrong(name, "bytes", other),
    };

    /// <summary>Gives a generator the state that was saved.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public void Restore(string name, Generator generator) => generator.State = Bytes(name);

    /// <summary>Lets something take over the part that it saved.</summary>
    /// <exception cref="ArgumentException">There is none of that name, or it does not fit.</exception>
    public void Restore(string name, ISavedState value) => value.Load(Part(name));

    /// <summary>A part.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public SavedState Part(string name) => Value(name) as SavedState ?? throw Wrong(name, "a part", Value(name));

    /// <summary>As the writer takes it; the scope around must outlive the writing.</summary>
    internal Dictionary<string, object?> ToTree() => ToTree([]);

    /// <summary>What a file holds.</summary>
    /// <exception cref="ArgumentException">A key is no text, or a value is of a kind that no state has.</exception>
    internal static SavedState FromTree(CheckpointDictionary tree)
    {
        var state = new SavedState();
        foreach (var (key, value) in tree)
        {
            string name = key as string ?? throw new ArgumentException($"the state has the key {key}, which is no name");
            state.values[name] = value switch
            {
                CheckpointDictionary part => FromTree(part),
                CheckpointTensor or double or long or bool or string => value,
                int number => (long)number,
                _ => throw new ArgumentException($"'{name}' is a {value?.GetType().Name ?? "null"}, which no state holds"),
            };
        }

        return state;
    }

    private Dictionary<string, object?> ToTree(Dictionary<nint, StorageData> shared) =>
        values.ToDictionary(entry => entry.Key, entry => entry.Value switch
    {
        Tensor tensor => ModelWeights.Describe(entry.Key, tensor, shared),
        byte[] bytes => TensorData.Of(entry.Key, DType.UInt8, [bytes.Length], bytes),
        SavedState part => part.ToTree(shared),
        var plain => plain,
    });

    private SavedState Put(string name, object value)
    {
        if (!values.TryAdd(name, value)) throw new ArgumentException($"the state has a '{name}' already", nameof(name));
        return this;
    }

    private object? Value(string name) =>
        values.TryGetValue(name, out object? value)
        ? value : throw new ArgumentException(
            $"the saved state has no '{name}': it has {(values.Count > 0 ? string.Join(", ", values.Keys) : "nothing")}");

    private static ArgumentException Wrong(string name, string wanted, object? found)
    {
        string kind = found switch
        {
            CheckpointTensor or Torch.Tensor => "a tensor",
            SavedState => "a part",
            null => "null",
            var other => $"{other}",
        };
        return new ArgumentException($"'{name}' is not {wanted} but {kind}");
    }
}
