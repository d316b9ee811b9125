using System.Text.Json;
using Xunit;

namespace Sconce.Torch.Tests.Observers;

public sealed class OperatorProfilerTests
{
    [Fact]
    public void Calls_and_times_are_summed_by_operator()
    {
        using var scope = new TensorScope();
        var profiler = new OperatorProfiler();
        var x = Tensor.Ones([64, 64]);
        using (profiler.Watch())
        {
            for (int k = 0; k < 3; k++) x.Matmul(x);
            x.Relu();
        }

        Assert.Equal(4, profiler.Calls);
        var matmul = profiler.ByOperator.Single(time => time.Operator == "aten::matmul");
        Assert.Equal(3, matmul.Calls);
        Assert.True(matmul.Longest <= matmul.Total && matmul.Mean <= matmul.Longest);
        Assert.Equal(1, profiler.ByOperator.Sum(time => time.Share), 1e-6);
        Assert.Equal(profiler.ByOperator.OrderByDescending(time => time.Total), profiler.ByOperator);
        Assert.StartsWith("Name ", profiler.Table(), StringComparison.Ordinal);
        Assert.Contains("100.00%", profiler.Table(1).Split('\n')[^2]);
    }

    [Fact]
    public void The_trace_is_what_Chrome_reads()
    {
        using var scope = new TensorScope();
        var profiler = new OperatorProfiler(trace: true);
        var x = Tensor.Ones([2, 3]);
        using (profiler.Watch())
        {
            x.Relu();
            (x + x).Sum();
        }

        using var stream = new MemoryStream();
        profiler.WriteTrace(stream);
        using var document = JsonDocument.Parse(stream.ToArray());
        var events = document.RootElement.GetProperty("traceEvents").EnumerateArray().ToArray();
        Assert.Equal(["aten::relu", "aten::add.Tensor", "aten::sum"], events.Select(item => item.GetProperty("name").GetString()));
        Assert.All(events, item => Assert.Equal("X", item.GetProperty("ph").GetString()));
        Assert.Equal(2, events[0].GetProperty("args").GetProperty("Input Dims")[0][0].GetInt32());
        Assert.True(events[1].GetProperty("ts").GetDouble() >= events[0].GetProperty("ts")
            .GetDouble() + events[0].GetProperty("dur").GetDouble());
    }

    [Fact]
    public void Without_a_trace_none_is_written() =>
        Assert.Throws<InvalidOperationException>(() => new OperatorProfiler().WriteTrace(Stream.Null));
}
