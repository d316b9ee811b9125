using System.Text.Json;
using Sconce.Systems.Multimodal.Clip;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

public sealed class TokenizerPromptTests : IDisposable
{
    readonly string path = Path.Combine(Path.GetTempPath(), $"sconce-{Guid.NewGuid():N}.txt");

    public void Dispose() => File.Delete(path);

    [Fact]
    public void The_published_templates_are_eighty_and_seven_of_them()
    {
        Assert.Equal(80, PromptTemplates.ImageNet.Distinct().Count());
        Assert.Equal(7, PromptTemplates.ImageNetShort.Distinct().Count());
        Assert.Subset(PromptTemplates.ImageNet.ToHashSet(), PromptTemplates.ImageNetShort.ToHashSet());
    }

    [Fact]
    public void The_published_templates_are_the_shared_ones_in_order()
    {
        using var stream = File.OpenRead(TokenizerFiles.ZeroShotPath());
        var root = JsonDocument.Parse(stream).RootElement;
        Assert.Equal(Strings(root, "templates"), PromptTemplates.ImageNet);
        Assert.Equal(Strings(root, "best7"), PromptTemplates.ImageNetShort);
    }

    [Fact]
    public void A_class_name_takes_its_place_in_every_template()
    {
        Assert.Equal(["a red fox.", "fox and fox"], PromptTemplates.Fill(["a red {}.", "{} and {}"], "fox"));
        Assert.Throws<ArgumentException>(() => PromptTemplates.Fill([], "fox"));
        Assert.Contains("\"plain\"", Assert.Throws<ArgumentException>(() => PromptTemplates.Fill(["plain"], "fox")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_file_is_read_and_a_line_without_a_place_is_numbered()
    {
        File.WriteAllText(path, "# mine\n\n a {}. \r\nthe {}.\n");
        Assert.Equal(["a {}.", "the {}."], PromptTemplates.Read(path));
        File.WriteAllText(path, "a {}.\nno place\n");
        Assert.Contains($"{path}, line 2", Assert.Throws<InvalidDataException>(() => PromptTemplates.Read(path)).Message,
            StringComparison.Ordinal);
        File.WriteAllText(path, "# nothing\n");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PromptTemplates.Read(path)).Message, StringComparison.Ordinal);
    }

    static string[] Strings(JsonElement root, string name) => [.. root.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)];
}
