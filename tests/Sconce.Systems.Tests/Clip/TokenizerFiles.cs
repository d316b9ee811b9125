using Sconce.Systems.Multimodal.Clip;
using Sconce.Tests.Common;
using Xunit;

namespace Sconce.Systems.Tests.Clip;

/// <summary>The released vocabulary, which lies outside the repository, and the cases, which lie in it.</summary>
static class TokenizerFiles
{
    static readonly Lazy<ClipTokenizer?> Shared = new(() => VocabularyPath() is { } path ? ClipTokenizer.Load(path) : null);

    /// <summary>The tokeniser of the released vocabulary; the test skips without the file.</summary>
    public static ClipTokenizer Released()
    {
        if (Shared.Value is null)
            Assert.Skip("needs ../shared/data/clip/bpe_simple_vocab_16e6.txt.gz");
        return Shared.Value;
    }

    public static string CasePath() => Find("tests/Sconce.Parity/Cases/clip-tokenizer.json")
        ?? throw new FileNotFoundException("tests/Sconce.Parity/Cases/clip-tokenizer.json");

    /// <summary>ImageNet's class names and templates; the test skips without the file.</summary>
    public static string ZeroShotPath()
    {
        var path = SharedFiles.Find("data/clip/imagenet_zero_shot.json");
        if (path is null)
            Assert.Skip("needs ../shared/data/clip/imagenet_zero_shot.json");
        return path;
    }

    static string? VocabularyPath() => SharedFiles.Find("data/clip/bpe_simple_vocab_16e6.txt.gz");

    static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, relative)) is { } path)
                return path;
        }
        return null;
    }

    static string? Existing(string path) => File.Exists(path) ? path : null;
}
