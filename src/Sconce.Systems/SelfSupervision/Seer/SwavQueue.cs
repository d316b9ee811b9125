using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>
/// Embeddings of the last batches, one block a code: with small batches they help to spread codes over all prototypes; 2006.09882 §4.1,
/// facebookresearch/swav@06b1b7c main_swav.py. A block takes part once it is full.
/// </summary>
public sealed partial class SwavQueue : Module
{
    /// <summary>An empty queue.</summary>
    /// <param name="codes">Blocks: crops whose codes are predicted.</param>
    /// <param name="length">Embeddings a block, a multiple of the batch; 3,840 in the published run of batch 256.</param>
    /// <param name="width">Numbers of an embedding.</param>
    public SwavQueue(int codes, int length, int width)
    {
        if (codes < 1 || length < 1 || width < 1)
            throw new ArgumentException($"SwAV's queue: {codes} blocks of {length} embeddings of {width} numbers cannot be");
        Embeddings = new Nn.Buffer(Tensor.Zeros([codes, length, width], DType.Float32));
    }

    /// <summary><c>(codes, length, width)</c>, the newest first; zeros where nothing was remembered yet.</summary>
    public Nn.Buffer Embeddings { get; }

    /// <summary>The remembered samples' scores with the prototypes of today, off the tape; null until the block is full.
    /// <c>-> (length, K)</c></summary>
    /// <param name="code">The block.</param>
    /// <param name="prototypes"><c>(K, width)</c></param>
    public Tensor? Scores(int code, Tensor prototypes)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var block = Embeddings.Select(0, code); // (length, width)
        bool full = block.Select(0, -1).Ne(0).Any().Item<bool>(); // embeddings have length 1: once full it stays so
        return full ? scope.Keep(block.Matmul(prototypes.Detach().T())) : null;
    }

    /// <summary>Remembers a batch; the oldest embeddings fall out.</summary>
    /// <param name="embeddings">Of all crops, <c>(crops·B, width)</c>.</param>
    /// <param name="batch">B.</param>
    /// <param name="cropsForAssign">The crop of each block.</param>
    /// <exception cref="ArgumentException">The batch does not fit the queue.</exception>
    public void Push(Tensor embeddings, long batch, IReadOnlyList<int> cropsForAssign)
    {
        long length = Embeddings.Size(1);
        if (batch < 1 || batch > length || cropsForAssign.Count != Embeddings.Size(0) || embeddings.Dimensions != 2
            || embeddings.Size(1) != Embeddings.Size(2))
        {
            throw new ArgumentException($"SwAV's queue [{string.Join(", ", Embeddings.Shape.ToArray())}] cannot take "
                + $"{cropsForAssign.Count} crops of {batch} from [{string.Join(", ", embeddings.Shape.ToArray())}]: its length must be a "
                + $"multiple of the batch", nameof(embeddings));
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        for (int code = 0; code < cropsForAssign.Count; code++)
        {
            int crop = cropsForAssign[code];
            var block = Embeddings.Select(0, code);
            var fresh = embeddings.Detach()[TensorIndex.Slice(batch * crop, batch * (crop + 1))];
            block.CopyInPlace(Tensor.Cat([fresh, block[TensorIndex.Slice(0, length - batch)]], 0));
        }
    }
}
