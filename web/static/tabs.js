// On a narrow screen the tabs scroll; the one of this page is brought into sight.
const tabs = document.querySelector("[data-tabs]");
const here = tabs?.querySelector("[aria-current]");
if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.clientWidth) / 2;
