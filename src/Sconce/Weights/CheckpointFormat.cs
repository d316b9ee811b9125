namespace Sconce.Weights;

/// <summary>How a checkpoint is stored.</summary>
public enum CheckpointFormat
{
    /// <summary>PyTorch's zip archive, what <c>torch.save</c> writes since 1.6.</summary>
    PyTorchZip,

    /// <summary>PyTorch's format before 1.6: four pickles, then the raw storages.</summary>
    PyTorchLegacy,

    /// <summary>A TorchScript archive, what <c>torch.jit.save</c> writes.</summary>
    TorchScript,

    /// <summary>A bare pickle of plain containers and NumPy arrays.</summary>
    Pickle,

    /// <summary>A JSON header, then raw tensors.</summary>
    Safetensors,

    /// <summary>One NumPy array.</summary>
    Npy,

    /// <summary>A zip archive of NumPy arrays.</summary>
    Npz,

    /// <summary>An index that names the file of each tensor, and those files: safetensors or PyTorch's.</summary>
    Sharded,
}
