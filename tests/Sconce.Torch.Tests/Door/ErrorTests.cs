using System.Diagnostics;
using Xunit;

namespace Sconce.Torch.Tests.Door;

public sealed class ErrorTests
{
    [Fact]
    public void A_shape_mismatch_names_the_operator_the_shapes_and_the_types()
    {
        using var scope = new TensorScope();
        var left = Tensor.Ones([2, 3]);
        var right = Tensor.Ones([4, 5], DType.Float64);
        var error = Assert.Throws<TorchException>(() => left.Matmul(right));
        Assert.StartsWith("aten::matmul(float32[2, 3], float64[4, 5]): ", error.Message, StringComparison.Ordinal);
        Assert.Equal("aten::matmul", error.Operation);
        Assert.DoesNotContain("frame #", error.Message);
    }

    [Fact]
    public void Lists_numbers_and_holes_are_described_too()
    {
        using var scope = new TensorScope();
        Assert.StartsWith("aten::cat([float32[2, 3], float32[4]], 1): ",
            Assert.Throws<TorchException>(() => Tensor.Cat([Tensor.Ones([2, 3]), Tensor.Ones([4])], 1)).Message, StringComparison.Ordinal);
        string message = Assert.Throws<TorchException>(() =>
            Functional.Conv2d(Tensor.Ones([1, 3, 8, 8]), Tensor.Ones([4, 2, 3, 3]))).Message;
        Assert.StartsWith("aten::conv2d(float32[1, 3, 8, 8], float32[4, 2, 3, 3], none, [1, 1], [0, 0], [1, 1], 1): ", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void After_an_error_the_next_call_works()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2]);
        for (int k = 0; k < 100; k++) Assert.Throws<TorchException>(() => x.Add(Tensor.Ones([3])));
        Assert.Equal([2f, 2f], (x + x).ToArray<float>());
    }

    [Fact]
    public void An_allocation_that_fails_says_what_to_do()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TensorMemoryException>(() => Tensor.Empty([1L << 50]));
        Assert.Contains("aten::empty", error.Message);
        Assert.Contains((1L << 52).ToString(), error.Message);
        Assert.Contains("smaller", error.Message);
        Assert.ThrowsAny<TorchException>(() => Tensor.Empty([long.MaxValue / 2, 4]));
        Assert.Equal(1f, Tensor.Ones([1]).Item<float>());
    }

    [Fact]
    public void A_disposed_tensor_says_so()
    {
        var x = Tensor.Ones([2]);
        x.Dispose();
        x.Dispose();
        Assert.True(x.IsDisposed);
        Assert.Contains("Keep", Assert.Throws<ObjectDisposedException>(() => x + 1).Message);
        Assert.Throws<ObjectDisposedException>(() => x.DType);
    }

    [Fact]
    public void A_missing_native_part_is_named()
    {
        string output = Probe("/nowhere/libsconce_torch.so");
        Assert.Contains("TorchNotFoundException", output);
        Assert.Contains("/nowhere/libsconce_torch.so", output);
        Assert.Contains("eng/native.sh", output);
    }

    [Fact]
    public void A_native_part_of_another_version_is_refused()
    {
        string library = Compile("int sc_abi(void) { return 999; }");
        string output = Probe(library);
        Assert.Contains("TorchNotFoundException", output);
        Assert.Contains(library, output);
        Assert.Contains("another version of Sconce", output);
    }

    [Fact]
    public void A_missing_libtorch_says_what_to_type()
    {
        // As when libtorch was uninstalled: the native part needs a library that is not there.
        string folder = Directory.CreateTempSubdirectory().FullName;
        Compile("int missing(void) { return 1; }", Path.Combine(folder, "libtorch_gone.so"));
        string library = Compile("int missing(void); int sc_abi(void) { return missing(); }", null,
            $"-Wl,--no-as-needed -L{folder} -ltorch_gone");
        Directory.Delete(folder, true);
        string output = Probe(library);
        Assert.Contains("TorchNotFoundException", output);
        Assert.Contains("libtorch_gone.so", output);
        Assert.Contains("apt-get install libtorch-dev", output);
    }

    [Fact]
    public void A_file_that_is_no_library_is_named()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "libsconce_torch.so");
        File.WriteAllText(file, "<html>not found</html>");
        string output = Probe(file);
        Assert.Contains("TorchNotFoundException", output);
        Assert.Contains(file, output);
    }

    /// <summary>Run by the tests above in a process of its own.</summary>
    [Fact(Explicit = true)]
    public void Version_probe() => Assert.NotEmpty(TorchRuntime.Version);

    private static string Probe(string native)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Sconce.Torch.Tests");
        Assert.SkipUnless(File.Exists(program), "the tests are not a program of their own here");
        var start = new ProcessStartInfo(program,
            ["-explicit", "only", "-method", $"{typeof(ErrorTests).FullName}.{nameof(Version_probe)}"])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SCONCE_NATIVE"] = native;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return output;
    }

    private static string Compile(string code, string? target = null, string options = "")
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string source = Path.Combine(folder, "part.c");
        target ??= Path.Combine(folder, "libsconce_torch.so");
        File.WriteAllText(source, code);
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("gcc",
                ["-shared", "-fPIC", "-o", target, source, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]))!;
            compiler.WaitForExit();
            Assert.Equal(0, compiler.ExitCode);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no C compiler");
        }

        return target;
    }
}
