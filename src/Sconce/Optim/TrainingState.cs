using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>Everything that an optimiser or an average of weights knows between two steps, so that training goes on exactly from a
/// checkpoint.</summary>
/// <param name="Tensors">Such as <c>state.3.exp_avg</c>: the numbering and names of PyTorch's optimisers. Borrowed: they live as long as
/// their owner, and change with its next step.</param>
/// <param name="Numbers">Such as <c>state.3.step</c> and <c>groups.0.learning_rate</c>.</param>
public sealed record TrainingState(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, double> Numbers)
{
    /// <summary>Keys that are missing, unexpected or of another shape than <paramref name="expected"/> are one error that names them
    /// all.</summary>
    internal void Verify(string owner, IReadOnlyDictionary<string, Tensor?> expected, IEnumerable<string> numbers)
    {
        var faults = new List<string>();
        foreach (var (key, tensor) in Tensors)
        {
            if (!expected.TryGetValue(key, out var like)) faults.Add($"unexpected '{key}'");
            else if (like is not null && !like.Shape.SequenceEqual(tensor.Shape))
                faults.Add($"'{key}' has the shape [{string.Join(", ", tensor.Shape.ToArray())}], wanted is "
                    + $"[{string.Join(", ", like.Shape.ToArray())}]");
            else if (like is not null && tensor.DType.IsComplex() && !like.DType.IsComplex())
                faults.Add($"'{key}' is {tensor.DType.TorchName()}, wanted is {like.DType.TorchName()}");
        }

        foreach (string number in numbers)
        {
            if (!Numbers.ContainsKey(number)) faults.Add($"missing '{number}'");
        }

        if (faults.Count > 0)
            throw new ArgumentException($"{owner}: the state does not fit and was not loaded: "
                + $"{string.Join("; ", faults.Take(12))}{(faults.Count > 12 ? $"; and {faults.Count - 12} more" : "")}");
    }
}
