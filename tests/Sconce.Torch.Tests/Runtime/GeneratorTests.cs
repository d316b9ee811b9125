using Xunit;

namespace Sconce.Torch.Tests.Runtime;

public sealed class GeneratorTests
{
    [Fact]
    public void One_seed_gives_one_sequence()
    {
        using var scope = new TensorScope();
        using var first = new Generator(7);
        using var second = new Generator(7);
        using var third = new Generator(8);
        float[] numbers = Tensor.Randn([100], first).ToArray<float>();
        Assert.Equal(numbers, Tensor.Randn([100], second).ToArray<float>());
        Assert.NotEqual(numbers, Tensor.Randn([100], third).ToArray<float>());
        first.Seed(7);
        Assert.Equal(numbers, Tensor.Randn([100], first).ToArray<float>());
        Assert.Equal(7UL, first.CurrentSeed);
    }

    /// <summary>torch.rand(3, generator=torch.Generator().manual_seed(7)) of PyTorch 1.13.</summary>
    [Fact]
    public void The_sequence_is_PyTorch_s()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(7);
        Assert.Equal([0.5349f, 0.1988f, 0.6592f], Tensor.Rand([3], generator).ToArray<float>().Select(number => MathF.Round(number, 4)));
    }

    [Fact]
    public void A_state_restored_repeats_what_followed_it()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(1);
        Tensor.Randn([7], generator);
        byte[] state = generator.State;
        float[] numbers = Tensor.Randn([9], generator).ToArray<float>();
        Tensor.Randn([9], generator);
        generator.State = state;
        Assert.Equal(numbers, Tensor.Randn([9], generator).ToArray<float>());
        Assert.Throws<TorchException>(() => generator.State = [1, 2, 3]);
    }

    [Fact]
    public void Others_do_not_disturb_the_default_one()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3);
        TorchRuntime.ManualSeed(11);
        float[] numbers = Tensor.Rand([4]).ToArray<float>();
        TorchRuntime.ManualSeed(11);
        Tensor.Rand([100], generator);
        Assert.Equal(numbers, Tensor.Rand([4]).ToArray<float>());
        using var standard = Generator.Default();
        standard.Seed(11);
        Assert.Equal(numbers, Tensor.Rand([4]).ToArray<float>());
    }

    [Fact]
    public void Every_operator_that_draws_takes_a_generator()
    {
        using var scope = new TensorScope();
        float[] Draw()
        {
            using var generator = new Generator(5);
            var x = Tensor.Full([8], 0.5);
            return Tensor.Cat([
                x.Bernoulli(generator), x.Clone().NormalInPlace(0, 1, generator), x.Clone().UniformInPlace(-1, 1, generator),
                x.Multinomial(3, true, generator).Float(),
                Tensor.Randperm(8, generator).Float(), Tensor.Randint(100, [4], generator).Float(),
                x.Clone().ExponentialInPlace(1, generator)]).ToArray<float>();
        }

        Assert.Equal(Draw(), Draw());
    }

    [Fact]
    public void A_disposed_generator_says_so()
    {
        var generator = new Generator(1);
        generator.Dispose();
        generator.Dispose();
        Assert.Throws<ObjectDisposedException>(() => generator.Seed(1));
    }

    [Fact]
    public void The_runtime_tells_about_itself()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", TorchRuntime.Version);
        Assert.Contains("PyTorch built with", TorchRuntime.BuildSettings);
        int threads = TorchRuntime.Threads;
        Assert.True(threads >= 1);
        TorchRuntime.Threads = 1;
        Assert.Equal(1, TorchRuntime.Threads);
        TorchRuntime.Threads = threads;
        Assert.Equal(TorchRuntime.CudaDevices > 0 ? DeviceType.Cuda : DeviceType.Cpu, TorchRuntime.BestDevice.Type);
    }
}
