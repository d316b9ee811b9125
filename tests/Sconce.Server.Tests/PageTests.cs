using Xunit;

namespace Sconce.Server.Tests;

/// <summary>The pages in Debian's Chromium, as a person without a terminal uses them.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task A_colleague_opens_the_page_asks_a_sample_by_keyboard_and_sees_the_answer()
    {
        await using var server = await TestServer.Start();
        await using var browser = await Browser.Start();
        await browser.Open(server.Server.Address);
        await browser.Until("document.querySelectorAll('.card').length === 2");
        Assert.InRange(browser.Bytes, 1, 300_000);
        await browser.Evaluate("document.querySelector('a[href=\"/classify/tiny_net\"]').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("location.pathname === '/classify/tiny_net' && document.querySelector('form')");
        Assert.Equal("", (string?)await browser.Evaluate(
            "[...document.querySelectorAll('input,select,textarea')].filter(one => !one.labels.length).map(one => one.id).join()"));
        await browser.Evaluate("[...document.querySelectorAll('button')].find(one => one.textContent === 'A sample').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("document.querySelector('.field img')");
        await browser.Evaluate("document.querySelector('button.main').focus()");
        await browser.Press("Enter", 13);
        await browser.Until("document.querySelectorAll('.bars li').length === 4");
        string own = server.Server.Address.ToString();
        Assert.All(browser.Requests, address => Assert.True(
            address.StartsWith(own, StringComparison.Ordinal) || address.StartsWith("blob:" + own, StringComparison.Ordinal)
                || address.StartsWith("data:", StringComparison.Ordinal)
            || address == "about:blank", address));
        Assert.Empty(browser.Faults);
    }

    [Fact]
    public async Task On_a_small_screen_in_the_dark_every_kind_of_answer_is_drawn()
    {
        await using var server = await TestServer.Start();
        await using var browser = await Browser.Start(360, 740, isDark: true);
        await Ask("/segment/fakes", "document.querySelector('.picture canvas')");
        await Ask("/forecast/fakes", "document.querySelectorAll('tbody tr').length > 3 && document.querySelector('polyline')");
        await Ask("/generate/fakes", "document.querySelectorAll('img.made').length > 1");
        await Ask("/complete/fakes", "document.querySelector('section p').textContent.includes('fox')");
        Assert.Empty(browser.Faults);

        async Task Ask(string path, string drawn)
        {
            await browser.Open(new Uri(server.Server.Address, path));
            await browser.Until($"location.pathname === '{path}' && document.querySelector('form button.main')");
            Assert.True((bool)(await browser.Evaluate("document.documentElement.scrollWidth <= 360"))!, path);
            await browser.Evaluate("[...document.querySelectorAll('button')].find(one => one.textContent === 'A sample')?.click()");
            if (path.StartsWith("/segment", StringComparison.Ordinal)) await browser.Until("document.querySelector('.field img')");
            await browser.Evaluate("document.querySelector('button.main').click()");
            await browser.Until(drawn);
            Assert.True((bool)(await browser.Evaluate("document.documentElement.scrollWidth <= 360"))!, path);
        }
    }

    [Fact]
    public async Task A_person_decides_what_was_not_sure()
    {
        await using var server = await TestServer.Start(new ServerSettings { Review = 1 });
        await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(1)));
        await server.Ask("/classify/tiny_net", TestServer.File(TestServer.Png(2)));
        await using var browser = await Browser.Start();
        await browser.Open(new Uri(server.Server.Address, "/review"));
        await browser.Until("document.querySelector('h1')?.textContent === 'Review: 2 wait'");
        await browser.Evaluate("document.querySelector('.row button').click()");
        await browser.Until("document.querySelector('h1')?.textContent === 'Review: 1 waits'");
        await browser.Evaluate("document.querySelector('#label').value = 'scratched'; document.querySelector('form button.main').click()");
        await browser.Until("document.querySelector('main').textContent.includes('Nothing waits')");
        Assert.Equal(2, Directory.GetFiles(Path.Combine(server.Folder, "state", "review", "decided"), "*", SearchOption.AllDirectories)
            .Length);
    }

    [Fact]
    public async Task A_key_is_asked_once_and_the_reference_of_the_API_stays_here()
    {
        await using var server = await TestServer.Start(new ServerSettings { Key = "a key of the test" });
        await using var browser = await Browser.Start();
        await browser.Open(server.Server.Address);
        await browser.Until("document.querySelector('dialog[open]')");
        await browser.Evaluate("document.querySelector('#key').value = 'a key of the test';"
            + "document.querySelector('dialog button').click()");
        await browser.Until("document.querySelectorAll('.card').length === 2");

        await using var open = await TestServer.Start();
        await browser.Open(new Uri(open.Server.Address, "/scalar/"));
        await browser.Until("document.body.innerText.includes('/classify/tiny_net')");
        Assert.DoesNotContain(browser.Requests, address =>
            address.StartsWith("http", StringComparison.Ordinal) && !address.StartsWith("http://127.0.0.1:", StringComparison.Ordinal));
    }
}
