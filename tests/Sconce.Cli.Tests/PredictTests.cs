using Xunit;

namespace Sconce.Cli.Tests;

public class PredictTests
{
    [Fact]
    public void Each_input_gets_its_answers()
    {
        using var folder = new TemporaryFolder();
        string first = folder.File("1.jpg"), second = folder.File("2.jpg");
        var outcome = CommandLine.Run("predict", "alpha", "--labels", "a dog,a cat", "--image", first, second);
        Assert.Equal(0, outcome.Status);
        Assert.Equal($"{first}\n100.0 %  a dog\n 50.0 %  a cat\n{second}\n100.0 %  a dog\n 50.0 %  a cat\n", outcome.Out);
        Assert.Equal(outcome.Out, CommandLine.Run("predict", "alpha", first, second, "--labels", "a dog,a cat").Out);
    }

    [Fact]
    public void Json_holds_every_answer_and_the_variant_goes_through()
    {
        using var folder = new TemporaryFolder();
        var answers = CommandLine.Run("predict", "alpha", folder.File("1.jpg"), "--labels", "x", "--variant", "alpha-large", "--json").Json;
        Assert.Equal(1, answers[0].GetProperty("predictions")[0].GetProperty("confidence").GetDouble());
        Assert.Equal("alpha_large", answers[0].GetProperty("output").GetString());
    }
}
