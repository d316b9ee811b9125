#:project ../src/Sconce.Systems/Sconce.Systems.csproj
#:property PublishAot=false

// Looking inside a network, as a notebook would have it: dotnet run looking-inside.cs -- RUN photo.jpg inside.html
// RUN is a folder that `sconce train` wrote. The page shows where the network looks, what excites some of its units, which of its first
// filters are turned forms of each other, and what its layers make of the photo.
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Reports;
using Sconce.Systems;
using Sconce.Systems.Analysis.Circuits;
using Sconce.Systems.Analysis.Looks;

if (args.Length != 3)
{
    Console.Error.WriteLine("usage: dotnet run looking-inside.cs -- RUN PICTURE PAGE");
    return 2;
}

var (run, photo, place) = (args[0], Picture.Of(args[1]), args[2]);
var page = new StandalonePage("Inside a network");

// 1. What it says, and how sure it is.
using (var classifier = Classifier.Open(run))
{
    var labels = classifier.Classify(photo, top: 5);
    page.Heading("What it says").Picture("the photo", Small(photo.Image))
        .Table(new Rows(["class", "confidence"], [.. labels.Items.Select(label => (object?[])[label.Name, label.Confidence])]));
    Console.WriteLine($"{labels.Best.Name} {labels.Best.Confidence:P1}");
}

// 2. Where it looks: what in the photo speaks for that class.
using (var looks = Sessions.Open<Session<Picture, PictureExplanation, PictureExplanationSettings>>(Verb.Explain, run))
{
    var seen = looks.Ask(photo);
    page.Heading("Where it looks").Table(seen.Told).Picture("heat over the photo", Small(seen.Heat.Picture));
}

// 3. Which layers there are, and pictures that excite some channels of a late one.
using (var units = Sessions.Open<Session<Nothing, UnitsAnswer, UnitSettings>>(Verb.Explain, run))
{
    var layers = units.Ask(Nothing.Instance).Units;
    page.Heading("Its layers").Table(layers);
    string late = (string)layers.Items.Last(row => row[2] is not null && row[3] is string map && map.Contains('×'))[0]!;
    foreach (int channel in (int[])[0, 1, 2])
    {
        var one = new ChannelChoice([(channel, channel)]);
        var excited = units.Ask(Nothing.Instance, new UnitSettings { Layer = late, Channel = one, Steps = 32 });
        if (excited.Pictures is MadePicture made) page.Picture($"what excites channel {channel} of {late}", made.Picture);
    }

    Console.WriteLine($"{layers.Items.Count} layers; {late} is shown");
}

// 4. Families: which of the first filters are turned or mirrored forms of each other.
using (var families = Sessions.Open<Session<Nothing, EquivarianceAnswer, EquivarianceSettings>>(Verb.Explain, run))
{
    var found = families.Ask(Nothing.Instance);
    page.Heading("Families of filters").Table(found.Figures).Picture("the first filters, a family after the other", found.Families.Picture);
}

File.WriteAllText(place, page.Render());
Console.WriteLine(place);
return 0;

static Image Small(Image picture) => picture.Width <= 480 ? picture : picture.Resize(480, picture.Height * 480 / picture.Width);
