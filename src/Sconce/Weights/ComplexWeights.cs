using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Complex numbers where a network's are real: libtorch would drop the imaginary parts with no more than a warning.</summary>
public static class ComplexWeights
{
    const int Shown = 10;

    /// <summary>Refuses complex tensors for real parameters, naming every key.</summary>
    /// <param name="path">The file, for the fault.</param>
    /// <param name="entries">The tensors that are to be taken over: their keys, their types in the file and in the network.</param>
    /// <exception cref="CheckpointException">At least one is complex in the file alone.</exception>
    public static void Refuse(string path, IEnumerable<(string Key, DType Found, DType Wanted)> entries)
    {
        var faults = entries
            .Where(entry => entry.Found.IsComplex() && !entry.Wanted.IsComplex())
            .Select(entry => $"{CheckpointFile.Quote(entry.Key)} is {entry.Found.TorchName()} in the file, {entry.Wanted.TorchName()} in "
                + $"the network")
            .ToList();
        if (faults.Count == 0)
            return;
        string more = faults.Count > Shown ? $"; and {faults.Count - Shown} more" : "";
        throw new CheckpointException(path,
            $"complex numbers for real parameters: {string.Join("; ", faults.Take(Shown))}{more}. Nothing was loaded");
    }

    /// <summary>A checkpoint's tensor as one of libtorch, copied, for a network whose numbers are real.</summary>
    /// <param name="path">The file, for the fault.</param>
    /// <param name="tensor">One of its tensors.</param>
    /// <exception cref="CheckpointException">It is complex; the message names it.</exception>
    public static Tensor ToReal(string path, CheckpointTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Refuse(path, [(tensor.Name, tensor.DType, DType.Float32)]);
        return ModelWeights.ToTensor(tensor);
    }
}
