using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>The Open Inference Protocol, by requests of the form that its own examples have.</summary>
public sealed class KserveTests
{
    private const string Infer = "/v2/models/tiny_net/infer";

    [Fact]
    public async Task Health_and_metadata_are_told()
    {
        await using var server = await TestServer.Start();
        Assert.Equal("""{"live":true}""", await server.Get("/v2/health/live"));
        Assert.Equal("""{"ready":true}""", await server.Get("/v2/health/ready"));
        Assert.Equal("""{"name":"tiny_net","ready":true}""", await server.Get("/v2/models/tiny_net/ready"));
        Assert.Contains("binary_tensor_data", await server.Get("/v2"));
        var model = JsonDocument.Parse(await server.Get("/v2/models/tiny_net")).RootElement;
        Assert.Equal("[-1,3,32,32]", model.GetProperty("inputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal("[-1,4]", model.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        using var nobody = await server.Client.GetAsync("/v2/models/tiny_ent", TestContext.Current.CancellationToken);
        Assert.Equal(404, (int)nobody.StatusCode);
    }

    [Fact]
    public async Task JSON_and_binary_tensors_give_the_same_output()
    {
        await using var server = await TestServer.Start();
        float[] values = [.. Enumerable.Range(0, 2 * 3 * 32 * 32).Select(k => (k % 17) / 8f)];
        var (status, json) = await server.Ask(Infer, TestServer.Json(
            """{"id": "42", "inputs": [{"name": "input", "shape": [2, 3, 32, 32], "datatype": "FP32","""
            + $$""" "data": [{{string.Join(',', values)}}]}]}"""));
        Assert.Equal(200, status);
        Assert.Equal("42", json.GetProperty("id").GetString());
        var output = json.GetProperty("outputs")[0];
        Assert.Equal("[2,4]", output.GetProperty("shape").GetRawText());
        float[] listed = [.. output.GetProperty("data").EnumerateArray().Select(one => one.GetSingle())];

        string head = """{"inputs":[{"name":"input","shape":[2,3,32,32],"datatype":"FP32","parameters":{"binary_data_size":24576}}],"""
            + """ "outputs":[{"name":"output","parameters":{"binary_data":true}}]}""";
        using var response = await server.Client.PostAsync(Infer, Binary(head, values), TestContext.Current.CancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        int length = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single());
        Assert.Equal(32, JsonDocument.Parse(body.AsMemory(0, length)).RootElement.GetProperty("outputs")[0].GetProperty("parameters")
            .GetProperty("binary_data_size").GetInt32());
        float[] binary = MemoryMarshal.Cast<byte, float>(body.AsSpan(length)).ToArray();
        Assert.Equal(listed.Length, binary.Length);
        for (int k = 0; k < binary.Length; k++) Assert.Equal(listed[k], binary[k], 1e-6f);
    }

    [Fact]
    public async Task Questions_of_any_length_that_come_together_keep_their_own_numbers()
    {
        await using var server = await TestServer.Start();
        int[] rows = [7, 1, 3, 1, 2];
        float[][] alone = [.. await Task.WhenAll(rows.Select((_, k) => Asked(server, k, rows[k])))];
        await Parallel.ForAsync(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (k, _) =>
        {
            float[] answer = await Asked(server, k % rows.Length, rows[k % rows.Length], isChunked: k % 2 == 0);
            Assert.Equal(4 * rows[k % rows.Length], answer.Length);
            foreach (var (expected, got) in alone[k % rows.Length].Zip(answer)) Assert.Equal(expected, got, 1e-5f);
        });
    }

    [Theory]
    [InlineData("{}", "inputs")]
    [InlineData("""{"inputs": [{"name": "input", "shape": [1, 3, 32, 32], "datatype": "INT8", "data": [1]}]}""", "FP32")]
    [InlineData("""{"inputs": [{"name": "input", "shape": [1, 3, 31, 32], "datatype": "FP32", "data": [1]}]}""", "[-1, 3, 32, 32]")]
    [InlineData("""{"inputs": [{"name": "input", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [1, 2]}]}""", "3072")]
    [InlineData("""{"inputs": [{"shape": [9000000000000000000, 9000000000000000000, 4, 4], "datatype": "FP32", "data": [1]}]}""", "many")]
    [InlineData("""{"inputs": [{"name": "input", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [1e99]}]}""", "float32")]
    [InlineData("""{"inputs": [{"name": "other", "shape": [1, 3, 32, 32], "datatype": "FP32", "data": [1]}]}""", "'other'")]
    [InlineData("[1", "JSON")]
    public async Task A_request_that_does_not_fit_is_told_why(string json, string word)
    {
        await using var server = await TestServer.Start();
        var (status, answer) = await server.Ask(Infer, TestServer.Json(json));
        Assert.Equal(400, status);
        Assert.Contains(word, answer.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Frames_of_random_bytes_are_refused_and_nothing_else()
    {
        int frames = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1" ? 80_000 : 300;
        await using var server = await TestServer.Start();
        string head = """{"inputs":[{"name":"input","shape":[1,3,32,32],"datatype":"FP32","parameters":{"binary_data_size":12288}}]}""";
        byte[] good = [.. Encoding.UTF8.GetBytes(head), .. new byte[12288]];
        await Parallel.ForAsync(0, frames, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, cancellation) =>
        {
            var random = new Random(seed);
            byte[] bytes = good[..random.Next(1, good.Length + 1)];
            for (int k = random.Next(6); k >= 0; k--) bytes[random.Next(Math.Min(bytes.Length, 160))] = (byte)random.Next(256);
            using var content = new ByteArrayContent(bytes);
            if (random.Next(4) > 0)
                content.Headers.TryAddWithoutValidation("Inference-Header-Content-Length",
                $"{(random.Next(3) > 0 ? head.Length : random.Next(-5, 20000))}");
            using var request = new HttpRequestMessage(HttpMethod.Post, Infer) { Content = content };
            using var response = await server.Client.SendAsync(request, cancellation);
            Assert.True((int)response.StatusCode is 200 or 400, $"seed {seed}: {(int)response.StatusCode}");
        });
        Assert.Equal("""{"ready":true}""", await server.Get("/v2/health/ready"));
    }

    /// <summary>What the network says of rows of one number each; in pieces, nothing announces how long the body is.</summary>
    private static async Task<float[]> Asked(TestServer server, int number, int rows, bool isChunked = false)
    {
        float[] values = [.. Enumerable.Range(0, rows * 3 * 32 * 32).Select(k => ((number + 1) * (k % 13)) / 20f)];
        string head = $$$"""
            {"inputs":[{"name":"input","shape":[{{{rows}}},3,32,32],"datatype":"FP32","parameters":{"binary_data_size":{{{4 * values.Length}}}}}],
            "outputs":[{"name":"output","parameters":{"binary_data":true}}]}
            """;
        using var request = new HttpRequestMessage(HttpMethod.Post, Infer) { Content = Binary(head, values) };
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, Encoding.UTF8.GetString(body));
        int length = int.Parse(response.Headers.GetValues("Inference-Header-Content-Length").Single());
        return MemoryMarshal.Cast<byte, float>(body.AsSpan(length)).ToArray();
    }

    private static ByteArrayContent Binary(string head, float[] values)
    {
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(head), .. MemoryMarshal.AsBytes(values.AsSpan())])
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") },
        };
        content.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", $"{Encoding.UTF8.GetByteCount(head)}");
        return content;
    }
}
