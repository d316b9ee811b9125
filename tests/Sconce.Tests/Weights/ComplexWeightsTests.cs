using System.Numerics;
using System.Text;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

public class ComplexWeightsTests
{
    [Fact]
    public void Complex_tensors_for_real_parameters_are_refused_by_key_and_nothing_changes()
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        var layer = new Linear(2, 1);
        float[] before = layer.Weight.ToArray<float>();
        string path = folder.File("w.pth");
        CheckpointWriter.SavePyTorch(path,
        [
            TensorData.Of<Complex>("weight", DType.Complex128, [1, 2], [1, 2]),
            TensorData.Of<ulong>("bias", DType.Complex64, [1], [0]),
        ]);
        var fault = Assert.Throws<CheckpointException>(() => ModelWeights.Load(layer, path));
        Assert.Contains("weight", fault.Message);
        Assert.Contains("bias", fault.Message);
        Assert.Contains("complex128 in the file, float32 in the network", fault.Message);
        Assert.Equal(before, layer.Weight.ToArray<float>());
    }

    [Theory]
    [InlineData("<c16", 16)]
    [InlineData("<c8", 8)]
    [InlineData("<f8", 8)]
    [InlineData("<f4", 4)]
    [InlineData("<i8", 8)]
    public void Numbers_at_any_address_are_read(string code, int size)
    {
        using var scope = new TensorScope();
        using var folder = new TemporaryFolder();
        for (int shift = 0; shift < 16; shift++)
        {
            const int count = 999;
            string path = folder.Write($"{shift}.npy", Npy(code, count, new byte[count * size], shift));
            using var file = Checkpoint.Open(path);
            var tensor = ModelWeights.ToTensor(file.Tensors[0]);
            Assert.Equal(count, tensor.Elements);
            Assert.Equal(0.0, tensor.Abs().Sum().Item<double>());
        }
    }

    [Fact]
    public void A_state_of_complex_numbers_does_not_fit_an_average_of_real_ones()
    {
        using var scope = new TensorScope();
        using var average = new ExponentialMovingAverage(new Linear(2, 1), 0.9);
        var state = average.State();
        var complex = state.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.To(DType.Complex64));
        Assert.Contains("complex64",
            Assert.Throws<ArgumentException>(() => average.Load(new TrainingState(complex, state.Numbers))).Message);
    }

    /// <summary>NumPy's own writer pads the header to 64 bytes; others need not.</summary>
    static byte[] Npy(string code, int count, byte[] data, int shift)
    {
        string header = $"{{'descr': '{code}', 'fortran_order': False, 'shape': ({count},), }}{new string(' ', shift)}\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. data];
    }
}
